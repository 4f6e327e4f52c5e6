-- Links each new event into its client's chain.  The caller cannot choose number, time or hash: the
-- function overwrites them, and the application role may not even name those columns.
CREATE OR REPLACE FUNCTION audit_netstring(value text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT convert_to(octet_length(convert_to(coalesce(value, ''), 'UTF8'))::text || ':' || coalesce(value, '') || ',', 'UTF8') $$;

CREATE OR REPLACE FUNCTION audit_event_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head record;
BEGIN
    -- One writer at a time for each client, until it commits: two events cannot take the same number.
    PERFORM pg_advisory_xact_lock(7301, NEW.client_id::int);
    SELECT seq, hash INTO head FROM audit_auditevent
        WHERE client_id = NEW.client_id ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(head.seq, 0) + 1;
    NEW.occurred_at := clock_timestamp();
    NEW.previous_hash := coalesce(head.hash, decode(repeat('00', 32), 'hex'));
    NEW.hash := sha256(
        NEW.previous_hash
        || audit_netstring(NEW.seq::text)
        || audit_netstring(NEW.client_id::text)
        || audit_netstring(NEW.id::text)
        || audit_netstring((extract(epoch FROM NEW.occurred_at) * 1000000)::bigint::text)
        || audit_netstring(NEW.verb)
        || audit_netstring(NEW.actor_id::text)
        || audit_netstring(NEW.actor_name)
        || audit_netstring(NEW.role)
        || audit_netstring(NEW.credential)
        || audit_netstring(NEW.subject_type)
        || audit_netstring(NEW.subject_id)
        || audit_netstring(NEW.reason)
        || audit_netstring(NEW.facts::text)
        || audit_netstring(NEW.request_id)
    );
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER audit_event_link BEFORE INSERT ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_event_link();
