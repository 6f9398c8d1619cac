"""A small association's site: Django and django-newsletter as they come. Whatever is set here a site may well set.

`SITE_HOME` is its folder, with the mail spool and the log; `SITE_DATABASE` its `DATABASES["default"]`, as JSON.
"""

import json
import os
from pathlib import Path

HOME = Path(os.environ["SITE_HOME"])
SPOOL = HOME / "spool"
LOGS = HOME / "logs"

SECRET_KEY = "the site's own, and nobody else's"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "urls"
DATABASES = {"default": json.loads(os.environ["SITE_DATABASE"])}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
SITE_ID = 1
USE_TZ = True
TIME_ZONE = "Europe/Paris"
STATIC_URL, MEDIA_URL, MEDIA_ROOT = "/static/", "/media/", HOME / "media"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.admin",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "sorl.thumbnail",
    "newsletter",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
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
            ]
        },
    }
]
# What the admin says after an act waits in the session for the next page: cookies are small.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# The story signs in often, and nobody attacks it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

NEWSLETTER_THUMBNAIL = "sorl-thumbnail"
NEWSLETTER_USE_HTTPS = True
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = SPOOL

LOGS.mkdir(parents=True, exist_ok=True)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "file": {
            "class": "logging.FileHandler",
            "filename": LOGS / "site.log",
            "formatter": "line",
            "encoding": "utf-8",
        }
    },
    "root": {"handlers": ["file"], "level": "INFO"},
}
