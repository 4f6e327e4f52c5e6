"""Settings: everything that differs between installations comes from the environment, typed, once."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import dj_database_url

from coding_ops.env import env_bool, env_int, env_list, env_secret, env_str

BASE_DIR = Path(__file__).resolve().parent.parent

# --- who and where -------------------------------------------------------------------------------
DEBUG = env_bool("DEBUG", False, help="Error pages with source; never in production.")
SECRET_KEY = env_secret("SECRET_KEY", help="Signs sessions and links; 50 random characters or more.")
MASTER_KEY = env_secret("MASTER_KEY", help="Base64 of 32 bytes; wraps every client's data key.")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", help="Host names, comma separated.")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", help="https://host of each proxy, comma separated.")
LOCAL_DIR = Path(env_str("CODING_OPS_LOCAL_DIR", str(BASE_DIR / ".local"), help="Data of this machine."))
ASSETS_DIR = Path(env_str("ASSETS_DIR", str(LOCAL_DIR / "assets"), help="Fonts and icons made at set-up."))
CODE_INDEX_DIR = Path(env_str("CODE_INDEX_DIR", str(LOCAL_DIR / "code_sets"), help="Built code indexes."))
LEDGER_SEAL_DIR = Path(
    env_str(
        "LEDGER_SEAL_DIR", str(LOCAL_DIR / "ledger-seals"), help="Signed ledger heads; not in the database."
    )
)
EXPORT_KEEP_HOURS = env_int("EXPORT_KEEP_HOURS", 72, help="Hours that a made export can be downloaded.")
INTAKE_MAX_BYTES = env_int("INTAKE_MAX_BYTES", 200 * 1024 * 1024, help="Largest file that intake accepts.")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "guardian",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "csp",
    "coding_ops.accounts",
    "coding_ops.tenancy",
    "coding_ops.audit",
    "coding_ops.web",
    "coding_ops.exports",
    "code_sets",
    "edit_rules",
    "encounters",
    "qa_audit",
    "cdi_queries",
    "claims",
    "reporting",
    "coding_ops.dev",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "coding_ops.web.middleware.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "coding_ops.web.idle.IdleMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "coding_ops.web.middleware.ClientScopeMiddleware",
    "coding_ops.web.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "coding_ops.urls"
WSGI_APPLICATION = "coding_ops.wsgi.application"
_CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "coding_ops.web.context.page",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "coding_ops.web.jinja.environment",
            "context_processors": ["coding_ops.web.context.page"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _CONTEXT_PROCESSORS},
    },
]

# --- database --------------------------------------------------------------------------------------
DATABASE_ROLE = env_str("DATABASE_ROLE", "app", help="app, or owner for migrations.")
APP_DATABASE_URL = env_secret("DATABASE_URL", help="The plain role: no DDL, owns nothing.")
OWNER_DATABASE_URL = env_secret(
    "DATABASE_OWNER_URL", "", help="The role that owns the tables; migrations only."
)
_database = dict(dj_database_url.parse(OWNER_DATABASE_URL if DATABASE_ROLE == "owner" else APP_DATABASE_URL))
_database.update(
    CONN_MAX_AGE=env_int("CONN_MAX_AGE", 600, help="Seconds a database connection is kept."),
    CONN_HEALTH_CHECKS=True,
    DISABLE_SERVER_SIDE_CURSORS=env_bool(
        "DISABLE_SERVER_SIDE_CURSORS", False, help="True behind PgBouncer in transaction mode."
    ),
)
DATABASES: dict[str, Any] = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- sign-in ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "coding_ops.tenancy.backends.ReachBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_RENDER_403 = False
SESSION_COOKIE_AGE = env_int("SESSION_COOKIE_AGE", 12 * 3600, help="Longest session, in seconds.")
SESSION_IDLE_SECONDS = env_int(
    "SESSION_IDLE_SECONDS", 30 * 60, help="Signed out after this long without activity, in seconds."
)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "coding_ops.web.errors.csrf_failure"

# --- transport, headers ----------------------------------------------------------------------------
SECURE = env_bool("SECURE", not DEBUG, help="HTTPS only: secure cookies, HSTS.")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https")
    if env_bool("BEHIND_PROXY", False, help="A proxy sets X-Forwarded-Proto.")
    else None
)
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- mail: a provider's link, a one-time code, a reminder; never patient data ------------------------------
PUBLIC_URL = env_str(
    "PUBLIC_URL",
    f"http://127.0.0.1:{env_int('PORT', 8000, help='Port the web process listens on.')}",
    help="https://host under which people reach the application; links in mails begin with it.",
).rstrip("/")
EMAIL_HOST = env_str("EMAIL_HOST", "", help="Mail server; empty without SECURE: mails are files, for trying.")
EMAIL_PORT = env_int("EMAIL_PORT", 587, help="Its port.")
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER", "", help="Account at the mail server; empty: none.")
EMAIL_HOST_PASSWORD = env_secret("EMAIL_HOST_PASSWORD", "", help="Its password.")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", True, help="STARTTLS with the mail server.")
EMAIL_USE_SSL = env_bool("EMAIL_USE_SSL", False, help="TLS from the first byte; then EMAIL_USE_TLS is false.")
EMAIL_TIMEOUT = env_int("EMAIL_TIMEOUT", 10, help="Seconds the mail server may take.")
DEFAULT_FROM_EMAIL = env_str(
    "DEFAULT_FROM_EMAIL", "Coding Ops <no-reply@localhost>", help="Sender of the mails."
)
EMAIL_SUBJECT_PREFIX = ""
EMAIL_FILE_PATH = str(LOCAL_DIR / "mail")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST or SECURE
    else "django.core.mail.backends.filebased.EmailBackend"
)

# --- files -----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env_str("STATIC_ROOT", str(LOCAL_DIR / "static"), help="Where collectstatic writes."))
STATICFILES_DIRS = [BASE_DIR / "static", ASSETS_DIR]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "coding_ops.web.storage.ModuleManifestStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- language and time -----------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- work in the background ------------------------------------------------------------------------
REDIS_URL = env_secret("REDIS_URL", help="Broker of the workers; disposable.")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TASK_SOFT_TIME_LIMIT = 1740
# Longer than the hard time limit, or a slow task would be handed out twice; throttle 1, or lost tasks
# come back only after minutes.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "unacked_restore_throttle": 1}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(LOCAL_DIR / "celerybeat-schedule")

# --- API -------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "coding_ops.web.errors.api_exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Coding Ops API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

# --- history ---------------------------------------------------------------------------------------
PGHISTORY_APPEND_ONLY = False  # REVOKE does it, against raw SQL too; a trigger could be ignored.
PGTRIGGER_MIGRATIONS = True

# --- rules by name (`manage.py rule NAME`): dotted path of a function from dict to dict --------------
RULES: dict[str, str] = {
    "cdi.lint": "cdi_queries.lint_command.check",
    "claims.classify": "claims.classify_command.classify",
    "codes.check_claim": "code_sets.claim_command.check",
    "codes.drg": "code_sets.drg_commands.drg",
    "codes.em_level": "code_sets.em_commands.level",
    "codes.hcc": "code_sets.hcc_commands.hcc",
    "codes.pcs": "code_sets.pcs_commands.pcs",
    "codes.search": "code_sets.commands.search",
    "fqhc.drug_340b": "fqhc.drug_command.drug_340b",
    "fqhc.price": "fqhc.price_command.price_claim",
    "fqhc.sliding_fee": "fqhc.sliding_fee_command.sliding_fee",
    "fqhc.visit": "fqhc.visit_command.visits",
    "fqhc.wraparound": "fqhc.wraparound_command.settle",
    "qa.sample": "qa_audit.sample_command.sample",
    "qa.score": "qa_audit.score_command.score",
    "stats.interval": "reporting.commands.interval",
    "stats.sample_size": "reporting.commands.sample_size",
}

# --- finished charts on which a client's rule is tried: dotted path of (client id, limit) to samples ---
EDIT_RULE_SAMPLES = "encounters.selectors.edit_rule_samples.final_claims"

# --- who holds final codes from release until a second look: dotted path of (encounter) to the holders ---
RELEASE_GATE = "qa_audit.selectors.gate.holders_of"

# --- queries on their way to clients' inboxes --------------------------------------------------------
OUTBOX_NETWORKS = [
    str(ip_network(one))
    for one in env_list(
        "OUTBOX_NETWORKS", help="Networks of clients reached over a VPN, as 10.20.0.0/16; comma separated."
    )
]
OUTBOX_CA_FILE = env_str("OUTBOX_CA_FILE", "", help="Certificates of clients' own authorities, PEM.")
OUTBOX_DROP_DIR = env_str("OUTBOX_DROP_DIR", "", help="Folder that interface engines watch; empty: none.")
CLAIMS_FOLDER = env_str("CLAIMS_FOLDER", "", help="Folder watched for claims and remittances; empty: none.")

# --- who hears that codes became final, in this order: dotted paths of (actor, encounter, revision) -----
# The first that refuses keeps the codes from becoming final.
CHART_FINAL = [
    "cdi_queries.actions.ending.chart_is_final",
    "claims.actions.hearing.chart_is_final",
    "claims.actions.rework.chart_is_final",
]

# --- charts closed to who reviews them blind: dotted path of (actor, client id) to their ids ----------
CHARTS_CLOSED_TO = "qa_audit.selectors.blindness.under_blind_review"

# --- files to download (`coding_ops.exports.kinds`): dotted path of each kind -------------------------
EXPORTS: dict[str, str] = {
    "cdi.query": "cdi_queries.exports.query.KIND",
    "claims.appeal": "claims.exports.appeal.KIND",
    "qa.audit": "qa_audit.exports.audit.KIND",
}

# --- logs: ids only, never patient data --------------------------------------------------------------
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "coding_ops.web.logging.RequestIdFilter"}},
    "formatters": {"json": {"()": "coding_ops.web.logging.JsonFormatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request_id"]}
    },
    "root": {"handlers": ["console"], "level": env_str("LOG_LEVEL", "INFO", help="Least level logged.")},
    "loggers": {"django.db.backends": {"level": "WARNING"}},
}
