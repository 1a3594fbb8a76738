"""Grants the database role of each function the privileges that its statements need, and no more.

The migrator's own user owns the tables. A privilege that is not listed is refused: no function but the worker
writes notifications, and none changes the schema, truncates a table, or reads its revision.

`grant_access` runs at the end of each upgrade, so the database has exactly the privileges listed here. A
privilege that a release stops using is listed for one release more: the functions before it still run (ADR
0032).
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

#: Role → table → privileges. UPDATE names columns where one function writes another's rows. Locking rows (FOR
#: UPDATE) needs UPDATE on some column, hence the relay's UPDATE on tables from which it only deletes.
GRANTS: Mapping[str, Mapping[str, str]] = {
    "convoke_api": {
        "users": "SELECT, INSERT, UPDATE",
        "events": "SELECT, INSERT, UPDATE",
        "event_participants": "SELECT, INSERT, UPDATE, DELETE",
        "former_addresses": "SELECT, INSERT, UPDATE, DELETE",
        "acquaintances": "SELECT, INSERT, DELETE",
        "outbox": "SELECT, INSERT, UPDATE (payload, recipient_ids, next_attempt_at, cancelled_at)",
        "notifications": "SELECT, UPDATE (user_id, written_at, read_at), DELETE",
        "idempotency_records": "SELECT, INSERT, UPDATE, DELETE",
        "quota_usage": "SELECT, INSERT, UPDATE, DELETE",
        "blocks": "SELECT, INSERT, DELETE",
        "erasures": "SELECT, INSERT, UPDATE",
        "read_marks": "SELECT, INSERT, UPDATE, DELETE",
    },
    "convoke_worker": {
        "users": "SELECT",
        "events": "SELECT",
        "event_participants": "SELECT",
        "outbox": "SELECT, UPDATE (delivered_at, written, muted, failed_at, failure)",
        "notifications": "SELECT (user_id, id), INSERT",
        "blocks": "SELECT",
    },
    "convoke_relay": {
        # Handovers of addresses and steps of erasures: cancels events, re-points rows of former holders,
        # deletes rows of erased persons.
        "users": "SELECT (id, subject_hash, email_key, erased_at), UPDATE (email_key), DELETE",
        "events": "SELECT (id, organizer_id, title, starts_at, ends_at, all_day, time_zone, status, version,"
        " sequence, updated_at), UPDATE (status, version, sequence, updated_at)",
        "event_participants": "SELECT, UPDATE (user_id, invited_address), DELETE",
        "former_addresses": "SELECT, UPDATE, DELETE",
        "acquaintances": "SELECT, DELETE",
        "outbox": "SELECT, INSERT, UPDATE (recipient_ids, attempts, next_attempt_at, cancelled_at), DELETE",
        "notifications": "SELECT (user_id, id, event_id, actor_id, written_at, read_at), "
        "UPDATE (user_id, written_at, read_at), DELETE",
        "idempotency_records": "SELECT (user_id, scope, key, created_at), UPDATE (created_at), DELETE",
        "quota_usage": "SELECT (user_id), DELETE",
        "blocks": "SELECT, INSERT, DELETE",
        "erasures": "SELECT, UPDATE (next_step_at, events_after, events_after_id), DELETE",
        "read_marks": "SELECT, UPDATE (next_step_at), DELETE",
    },
}

# Roles belong to the server, not to the database: the migrator of another database may create the same one
# concurrently.
_CREATE_ROLE = """
DO $$ BEGIN
    CREATE ROLE {role} LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$
"""

_FIND_ROLES = text("SELECT rolname FROM pg_roles WHERE rolname = ANY (CAST(:names AS text[]))")
_MAY_CREATE_ROLES = text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
# On RDS, members of rds_iam sign in with tokens ("Creating a database account using IAM authentication").
_NEEDS_RDS_IAM = text("""
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') AND NOT EXISTS (
    SELECT FROM pg_auth_members WHERE roleid = to_regrole('rds_iam') AND member = to_regrole(:role))
""")


def grant_access(connection: Connection) -> Sequence[str]:
    """Create the missing roles and grant each its privileges, in the caller's transaction.

    Returns the roles that are still missing because the migrator's user may not create any: an
    administrator has to, and the next upgrade grants them their privileges.
    """
    if connection.execute(_MAY_CREATE_ROLES).scalar():
        for role in sorted(GRANTS.keys() - _find_roles(connection)):
            connection.exec_driver_sql(_CREATE_ROLE.format(role=role))
    found = _find_roles(connection)
    for role in sorted(found):
        connection.exec_driver_sql(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        for table, privileges in GRANTS[role].items():
            connection.exec_driver_sql(f"GRANT {privileges} ON {table} TO {role}")
        if connection.execute(_NEEDS_RDS_IAM, {"role": role}).scalar():
            connection.exec_driver_sql(f"GRANT rds_iam TO {role}")
    return sorted(GRANTS.keys() - found)


def _find_roles(connection: Connection) -> set[str]:
    return set(connection.execute(_FIND_ROLES, {"names": sorted(GRANTS)}).scalars())
