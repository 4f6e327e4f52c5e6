-- The two roles and the database, for the embedded server and for production alike. Safe to run again.
-- Run as a superuser with psql 14 or later; passwords come from the environment, never from a command line.
--   OWNER_PASSWORD, APP_PASSWORD   required
--   OWNER_CREATEDB=1               lets the owner make test databases (development only)
\set ON_ERROR_STOP on
\set owner_createdb 0
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
\getenv owner_createdb OWNER_CREATEDB

SELECT 'CREATE ROLE coding_ops_owner'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'coding_ops_owner') \gexec
SELECT 'CREATE ROLE coding_ops_app'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'coding_ops_app') \gexec

ALTER ROLE coding_ops_owner WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'owner_password';
\if :owner_createdb
ALTER ROLE coding_ops_owner WITH CREATEDB;
\endif
ALTER ROLE coding_ops_app WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'app_password';

SELECT 'CREATE DATABASE coding_ops OWNER coding_ops_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'coding_ops') \gexec

-- What the owner creates, the application may read and write (migrations then take UPDATE and DELETE away on
-- history). Default privileges belong to one database; template1 hands them on to test databases. Taken away first, so that an older, wider grant does not stay.
\connect coding_ops
ALTER DEFAULT PRIVILEGES FOR ROLE coding_ops_owner REVOKE ALL ON TABLES FROM coding_ops_app;
ALTER DEFAULT PRIVILEGES FOR ROLE coding_ops_owner
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO coding_ops_app;
ALTER DEFAULT PRIVILEGES FOR ROLE coding_ops_owner GRANT USAGE, SELECT ON SEQUENCES TO coding_ops_app;
\if :owner_createdb
\connect template1
ALTER DEFAULT PRIVILEGES FOR ROLE coding_ops_owner REVOKE ALL ON TABLES FROM coding_ops_app;
ALTER DEFAULT PRIVILEGES FOR ROLE coding_ops_owner
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO coding_ops_app;
ALTER DEFAULT PRIVILEGES FOR ROLE coding_ops_owner GRANT USAGE, SELECT ON SEQUENCES TO coding_ops_app;
\endif
