#!/bin/sh
# Runs once, when the PostgreSQL image sets up an empty data folder: the two roles and the database.
set -eu
OWNER_PASSWORD="$(cat /run/secrets/owner_password)"
APP_PASSWORD="$(cat /run/secrets/app_password)"
export OWNER_PASSWORD APP_PASSWORD
psql --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname postgres --file /opt/coding-ops/roles.sql
