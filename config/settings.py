"""All settings. Values come from the environment alone; `.env.example` explains each."""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env

from config import hosts, postgres, secret

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

DATA = postgres.data_folder()
SECRET_KEY = (
    secret.checked(env("SECRET_KEY"))
    if env("SECRET_KEY", "")
    else secret.kept_in(DATA / "secret-key")
)
# What keys of endpoints are sealed with (the newest first), and the folder with those in files:
# neither is ever in the database.
MASTER_KEYS = secret.several(
    env("TOUCHSTONE_MASTER_KEY", ""), DATA / "master-key", "TOUCHSTONE_MASTER_KEY"
)
SECRETS = Path(env("TOUCHSTONE_SECRETS", "") or DATA / "secrets")
DEBUG = env.bool("DEBUG", False)

# Hosts, cookies and redirects all follow from the one address people use.
SITE_URL = env("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
SITE = urlsplit(SITE_URL)
HTTPS = SITE.scheme == "https"
ALLOWED_HOSTS = sorted({SITE.hostname or "127.0.0.1", "127.0.0.1", "localhost", "[::1]"})
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if env.bool("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600  # seconds: one working day
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# Named as Django 6 names it, so that the middleware can go when Django brings its own.
SECURE_CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "curation",
    "annotation",
    "api",
    "config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.content_security_policy",
    "config.middleware.utf8_only",
    "config.middleware.canonical_input",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.sign_in_first",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.refusals",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Two logins: the owner (migrations) and the app role (all else; no UPDATE, DELETE on evidence).
AS_OWNER = env.bool("TOUCHSTONE_AS_OWNER", False)
DATABASE_URL = env("DATABASE_URL", "") or postgres.ensure().url("app")
DATABASE_OWNER_URL = env("DATABASE_OWNER_URL", "") or (
    env("DATABASE_URL", "") or postgres.ensure().url("owner")
)
DATABASES = {
    "default": env.dj_db_url(
        "DATABASE_OWNER_URL" if AS_OWNER else "DATABASE_URL",
        default=DATABASE_OWNER_URL if AS_OWNER else DATABASE_URL,
        conn_max_age=600,
        conn_health_checks=True,
    )
}
DATABASES["default"].setdefault("OPTIONS", {})["options"] = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "statement_timeout": 0 if AS_OWNER else 60_000,  # milliseconds, as are the next two
        "lock_timeout": 10_000,
        "idle_in_transaction_session_timeout": 60_000,
        # A worker's host that lost its power must not hold a run for hours (seconds).
        "tcp_keepalives_idle": 30,
        "tcp_keepalives_interval": 10,
        # A statement of `curation.planned` looks the same whatever its values are.
        "plan_cache_mode": "force_generic_plan",
    }.items()
)
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 0  # for `curation.planned` alone
# The login that gets its grants after each migration; none when one login does everything.
DATABASE_APP_ROLE = urlsplit(DATABASE_URL).username if DATABASE_URL != DATABASE_OWNER_URL else None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env("TIME_ZONE", "UTC")

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = (
    2_500_000  # bytes, forms and JSON; files are bounded by their own reader
)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_HANDLERS = [
    "curation.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", "WARNING")},
}
DEFAULT_EXCEPTION_REPORTER = "config.reports.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.reports.Filter"

# Hosts an endpoint may live on; loopback serves the rehearsal and local model servers. The second
# list holds names that may lead to a private address, and be called without TLS.
LLM_ALLOWED_HOSTS = env.list("LLM_ALLOWED_HOSTS", hosts.allowed_by_default(SITE))
LLM_ALLOWED_PRIVATE: list[str] = env.list("LLM_ALLOWED_PRIVATE", [])
# Variables, and files of SECRETS, that curators may name as keys; NAME@host goes nowhere else.
LLM_KEYS: list[str] = env.list("LLM_KEYS", [])
# Seconds: the longest a call may take in all (a task's limits leave room for 120), and how long a
# worker that stopped saying it lives keeps its calls.
LLM_TIMEOUT = min(env.int("LLM_TIMEOUT", 120), 120)
LLM_LEASE = env.int("LLM_LEASE", 30)
LLM_REST = env.float("LLM_REST", 60)  # seconds an endpoint rests after failing several times

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.problem",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Touchstone",
    "DESCRIPTION": "Items, work, disputes, releases and scores of a Touchstone installation.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "LanguageEnum": "curation.models.Language",
        "OutcomeEnum": "annotation.models.Outcome",
        "RejectionEnum": "annotation.models.OptionAct.Reason",
        "DeclineEnum": "annotation.models.Decline.Reason",
    },
    "SCHEMA_PATH_PREFIX": r"/api/v1(/projects/\{slug\})?",  # what stands after it groups the page
    "SWAGGER_UI_SETTINGS": {"defaultModelsExpandDepth": -1, "deepLinking": True},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.schema.with_problems",
    ],
}

# Celery. Messages are hints, rows are the truth: no result backend, JSON only.
CELERY_BROKER_URL = env("CELERY_BROKER_URL", "filesystem://localhost")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker outwaits any broker
CELERY_BROKER_FOLDER = DATA / "broker"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(CELERY_BROKER_FOLDER / "queue"),
        "data_folder_out": str(CELERY_BROKER_FOLDER / "queue"),
        "processed_folder": str(CELERY_BROKER_FOLDER / "processed"),
        "control_folder": str(CELERY_BROKER_FOLDER / "control"),
        "polling_interval": 0.05,  # seconds
    }
    if CELERY_BROKER_URL.startswith("filesystem:")
    else {"visibility_timeout": 600, "socket_timeout": 10, "socket_keepalive": True}
    if CELERY_BROKER_URL.startswith("redis")
    else {}
)
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 150  # seconds
CELERY_TASK_TIME_LIMIT = 180
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
# Kept in memory: nothing here is so rare that it must remember when it last ran.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
SWEEP_EVERY = env.int("SWEEP_EVERY", 15)  # seconds between two passes that re-send lost hints
CELERY_BEAT_SCHEDULE = {
    "sweep-runs": {"task": "curation.tasks.sweep", "schedule": SWEEP_EVERY},
    "sweep-work": {"task": "annotation.tasks.sweep", "schedule": 40 * SWEEP_EVERY},
    "sweep-keys": {"task": "api.tasks.sweep", "schedule": 3600},
}
