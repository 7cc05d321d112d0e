"""What lists now go by, for cases that were there before. Cases with a paper that was to come later are marked as due: the night looks
at each once and puts down the true day."""

from datetime import timedelta

from django.db import migrations


def fill(apps, schema_editor):
    case, action = apps.get_model("casework", "Case"), apps.get_model("casework", "CaseAction")
    deferred = action.objects.filter(verb="defer").values("case")
    for row in case.objects.filter(pk__in=deferred, state__in=["submitted", "under_way"]):
        case.objects.filter(pk=row.pk).update(papers_due_on=row.opened_on)
    reminded = action.objects.filter(verb="remind").values("case")
    for row in case.objects.filter(state__in=["decided", "closed"]).exclude(recheck_on=None).exclude(pk__in=reminded):
        case.objects.filter(pk=row.pk).update(remind_on=row.recheck_on - timedelta(days=30))


class Migration(migrations.Migration):
    dependencies = [("casework", "0003_signing_and_clocks")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
