"""Django settings: the composition root. A deployment is configured by environment variables only.

MINZHENG_HOME    folder of everything that a deployment keeps (default: var/ beside the project)
DATABASE_URL     postgresql://user:password@host:port/name; without it SQLite in MINZHENG_HOME
MINZHENG_DEBUG   1 shows developers' error pages (never in production)
MINZHENG_HOSTS   names under which the server answers, separated by commas
MINZHENG_VERIFY_ADDRESS  the page that verifies a paper, with {code}
MINZHENG_CODE_SENDER  class that sends one-time codes to citizens' phones
MONITORING_ENGINE  polars (default), duckdb or spark: on what the night compares
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from minzheng.kernel.foundation.home import Home

BASE_DIR = Path(__file__).resolve().parent.parent.parent
HOME = Home(Path(os.environ.get("MINZHENG_HOME") or BASE_DIR / "var"))
HOME.ensure()

DEBUG = os.environ.get("MINZHENG_DEBUG") == "1"
SECRET_KEY = HOME.secret("django").hex()
ALLOWED_HOSTS = os.environ.get("MINZHENG_HOSTS", "localhost,127.0.0.1,[::1]").split(",")

# The demo deployment holds synthetic people only and says so on every page.
SYNTHETIC = HOME.is_synthetic()

ROOT_URLCONF = "minzheng.project.urls"
WSGI_APPLICATION = "minzheng.project.wsgi.application"
AUTH_USER_MODEL = "foundation.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

MONITORING_ENGINE = os.environ.get("MONITORING_ENGINE", "polars")

# Business lines; each has a pack.py with its manifest. Adding one is a line here.
PACKS = [
    "minzheng.domains.assistance", "minzheng.domains.eldercare", "minzheng.domains.children", "minzheng.domains.disability",
]  # fmt: skip

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "minzheng.kernel.foundation",
    "minzheng.kernel.divisions",
    "minzheng.kernel.registry",
    "minzheng.kernel.feeds",
    "minzheng.kernel.ledger",
    "minzheng.kernel.benefits",
    "minzheng.kernel.monitoring",
    "minzheng.kernel.casework",
    "minzheng.kernel.indicators",
    *PACKS,
    "minzheng.portals.staff",
    "minzheng.portals.citizen",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "minzheng.portals.citizen.middleware.CitizenMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "minzheng.portals.staff.middleware.StaffMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "minzheng.portals.staff.context.shell",
            ],
        },
    }
]


def _database(url: str | None) -> dict[str, object]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME.database,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                # The default of 2 MB for pages would read a city's indexes anew for every list.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"DATABASE_URL 只支持 postgresql://…,收到的是 {parts.scheme}://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        # Compiling a statement takes longer than most pages do; what would gain by it runs on the lake.
        "OPTIONS": {"options": "-c jit=off"},
    }


DATABASES = {"default": _database(os.environ.get("DATABASE_URL"))}

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Five wrong passwords close a login name for half an hour, from wherever they come; the security administrator can
# open it earlier. Addresses of proxies are not believed.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # the audit trail records sign-ins
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = 0
# W006: by login name alone is meant, behind one address sit many officials. W002: the sign-in page says itself that a
# name is locked, instead of a middleware's English answer.
SILENCED_SYSTEM_CHECKS = ["axes.W002", "axes.W006"]
OTP_TOTP_ISSUER = "民政云"
# The page on which anybody verifies a paper by the code that stands on it; papers carry it as a QR code.
VERIFY_ADDRESS = os.environ.get("MINZHENG_VERIFY_ADDRESS", "http://127.0.0.1:8000/citizen/verify/{code}/")
# How one-time codes reach citizens: a class (see portals/citizen/codes.py). Empty: shown on the page for synthetic people, else refused.
CITIZEN_CODE_SENDER = os.environ.get("MINZHENG_CODE_SENDER", "")
SESSION_IDLE = timedelta(minutes=30)
SESSION_LONGEST = timedelta(hours=12)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "minzheng.project.errors.stale"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],  # the map's, and the one that keeps the page of visits
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

STATIC_URL = "/static/"
# Served straight from the portal's folder: nothing has to be collected before a start.
WHITENOISE_USE_FINDERS = True

FILE_UPLOAD_TEMP_DIR = str(HOME.uploads)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}


def BUSINESS_TODAY() -> date:  # noqa: N802 - a Django setting
    """The day the deployment says it is (`minzheng clock set`), else the calendar's day in Shanghai."""
    if HOME.business_date.exists():
        return date.fromisoformat(HOME.business_date.read_text(encoding="utf-8").strip())
    return datetime.now(ZoneInfo(TIME_ZONE)).date()
