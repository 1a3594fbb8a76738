"""The modules to mutate, on which the guarantee rests, each with the tests that must fail."""

_WORKER = tuple(
    f"tests/integration/worker/test_{name}.py"
    for name in ("outcomes", "delivery", "failures", "statements", "unavailability", "races")
)
_IDEMPOTENCY = (
    "tests/integration/api/test_idempotency.py",
    "tests/integration/api/test_idempotency_races.py",
)
_CHANGES = (
    "tests/integration/api/test_outbox.py",
    "tests/integration/api/test_reminders.py",
    "tests/integration/changes/test_reminders.py",
    "tests/integration/changes/test_updates.py",
)
_CREATION = tuple(
    f"tests/integration/api/test_{name}.py"
    for name in ("creation", "quota", "uids", "provisioning", "reading")
)

TARGETS: dict[str, tuple[str, ...]] = {
    "functions/notify_worker/convoke_worker/retries.py": ("tests/unit/worker/test_retries.py",),
    "functions/notify_worker/convoke_worker/batch.py": ("tests/unit/worker/test_batch.py",),
    "functions/api/convoke_api/idempotency/key.py": (
        "tests/unit/api/test_idempotency_keys.py",
        "tests/integration/api/test_idempotency.py",
    ),
    "layers/shared/convoke/outbox.py": ("tests/unit/test_outbox.py", "tests/integration/relay/test_sweep.py"),
    "functions/notify_worker/convoke_worker/failures.py": (
        "tests/integration/worker/test_failures.py",
        "tests/integration/worker/test_unavailability.py",
    ),
    "functions/notify_worker/convoke_worker/delivery.py": _WORKER,
    "functions/notify_worker/convoke_worker/notification_statements.py": _WORKER,
    "functions/api/convoke_api/idempotency/stored_results.py": (
        "tests/integration/api/test_marking.py",
        "tests/integration/changes/test_participants.py",
        "tests/integration/changes/test_races.py::test_one_key_at_once_adds_once",
    ),
    "functions/api/convoke_api/outbox/statements.py": _CHANGES,
    "functions/api/convoke_api/events/create_statement.py": (
        *_CREATION,
        *_IDEMPOTENCY,
        *_CHANGES,
        "tests/integration/changes/test_erasure_races.py",
    ),
}
