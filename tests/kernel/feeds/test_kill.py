"""A kill at any moment leaves the whole batch or nothing, and the next import completes it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from minzheng.kernel.foundation.identifiers import make_id

pytestmark = pytest.mark.kill

PRELUDE = """
import os, signal, sys
from pathlib import Path
from datetime import date
import django; django.setup()
from minzheng.kernel.feeds import actions, lake, staging
from minzheng.kernel.foundation.access import Actor

def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)
"""
RUN = """
report = actions.import_file(contract="unemployment", path=Path(sys.argv[1]), as_of=date(2024, 5, 31), by=Actor.system("t")).report()
print(report["accepted"], lake.scan("unemployment", date(2024, 6, 1)).collect().height)
"""
MOMENTS = {
    "while rows stream in": "staging.BatchWriter.row_numbers = die",
    "before the folders are renamed": "staging.BatchWriter.commit_files = die",
    "between two renames": (
        "rename = Path.rename\ncount = []\n"
        "def once(self, target):\n    count.append(1)\n    return rename(self, target) if len(count) < 2 else die()\n"
        "Path.rename = once"
    ),
    "after the renames, before the commit mark": "from minzheng.kernel.feeds.models import Batch\nBatch.save = die",
    "inside the transaction, before it commits": "actions.audit.record = die",
}


def run(home: Path, code: str, file: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "MINZHENG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "minzheng.project.settings"}
    env.pop("DATABASE_URL", None)  # the commit mark is a row like any other; SQLite shows it without a server
    return subprocess.run([sys.executable, "-c", PRELUDE + code, str(file)], env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("kill")
    code = "from django.core.management import call_command\ncall_command('migrate', verbosity=0)\n"
    assert run(home, code, home).returncode == 0
    return home


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_import_leaves_nothing_and_is_completed(deployment: Path, tmp_path: Path, moment: str) -> None:
    people = [make_id("320402", date(1980, 1, 1), n) for n in range(900, 960)]
    # A file of its own for each moment: the same content again would be recognised.
    body = "".join(f"张三,{person},2024-0{1 + list(MOMENTS).index(moment)}-01,在领\n" for person in people)
    file = tmp_path / "a.csv"
    file.write_text("姓名,身份证号,失业登记日期,状态\n坏行,123,2024-01-01,在领\n" + body, encoding="utf-8")
    count = "print(lake.scan('unemployment', date(2024, 6, 1)).collect().height)"
    before = run(deployment, count, file).stdout
    killed = run(deployment, MOMENTS[moment] + RUN, file)
    assert killed.returncode == -9, killed.stderr
    assert run(deployment, count, file).stdout == before
    done = run(deployment, RUN, file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["60", str(int(before) + 60)]
    folders = [p for kind in ("lake", "vault", "quarantine") for p in (deployment / kind / "unemployment").iterdir()]
    assert len({folder.name for folder in folders}) == int(before) // 60 + 1, "orphans of the killed import are swept"
    assert not list((deployment / "work" / "intake").rglob("*.parquet"))
