"""Rules for the queues and the event source of the worker.

Sources: "Using Lambda with Amazon SQS" (visibility, receive count, partial failures) and the Amazon SQS
developer guide (dead-letter queues, encryption).
"""

from contract.template.expansion import (
    DEAD_LETTER_QUEUE,
    QUEUE,
    WORKER,
    Faults,
    Template,
    alias_of,
    arn_of,
    as_list,
    reference,
)


def the_worker_reports_failures_message_by_message(template: Template) -> Faults:
    mappings = template.of_type("AWS::Lambda::EventSourceMapping")
    if [mapping.get("EventSourceArn") for mapping in mappings.values()] != [arn_of(QUEUE)]:
        yield "exactly one event source must read the notification queue"
    for name, mapping in mappings.items():
        if mapping.get("FunctionName") != alias_of(WORKER):
            yield f"{name}: does not invoke the worker"
        # Without it Lambda ignores the response, and one failed message returns the whole batch.
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name}: FunctionResponseTypes must be [ReportBatchItemFailures]"
        if mapping.get("Enabled", True) is not True:
            yield f"{name}: is switched off"
        if not 1 <= template.value(mapping.get("BatchSize", 0)) <= 10:
            yield f"{name}: BatchSize must be 1 to 10"


def worker_concurrency_bounds_database_connections(template: Template) -> Faults:
    for name, mapping in template.of_type("AWS::Lambda::EventSourceMapping").items():
        limit = template.value(mapping.get("ScalingConfig", {}).get("MaximumConcurrency"))
        if not isinstance(limit, int) or limit < 2:
            yield f"{name}: MaximumConcurrency is not set"


def visibility_outlasts_the_workers_retries(template: Template) -> Faults:
    visibility = template.value(template.properties(QUEUE).get("VisibilityTimeout", 30))
    timeout = template.value(template.properties(WORKER).get("Timeout", 3))
    for name, mapping in template.of_type("AWS::Lambda::EventSourceMapping").items():
        needed = 6 * timeout + template.value(mapping.get("MaximumBatchingWindowInSeconds", 0))
        if visibility < needed:
            yield f"{name}: VisibilityTimeout is {visibility}, must be at least {needed}"


def dead_letters_are_kept_longer_than_messages(template: Template) -> Faults:
    queue, dead = template.properties(QUEUE), template.properties(DEAD_LETTER_QUEUE)
    redrive = queue.get("RedrivePolicy", {})
    if redrive.get("deadLetterTargetArn") != arn_of(DEAD_LETTER_QUEUE):
        yield f"{QUEUE}: has no dead-letter queue"
    # Throttled invocations count as receives.
    if template.value(redrive.get("maxReceiveCount", 0)) < 5:
        yield f"{QUEUE}: maxReceiveCount must be at least 5"
    four_days = 345_600
    if queue.get("MessageRetentionPeriod", four_days) > four_days:
        yield f"{QUEUE}: keeps messages for more than 4 days"
    # The age of a message runs on from its first enqueue when it moves to the dead-letter queue.
    if dead.get("MessageRetentionPeriod", four_days) < 1_209_600:
        yield f"{DEAD_LETTER_QUEUE}: must keep messages for 14 days"


def only_the_notification_queue_may_use_the_dead_letter_queue(template: Template) -> Faults:
    policy = template.properties(DEAD_LETTER_QUEUE).get("RedriveAllowPolicy", {})
    name = template.properties(QUEUE).get("QueueName", {}).get("Fn::Sub", "")
    expected = f"arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{name}"
    if policy.get("redrivePermission") != "byQueue" or policy.get("sourceQueueArns") != [
        {"Fn::Sub": expected}
    ]:
        yield f"{DEAD_LETTER_QUEUE}: RedriveAllowPolicy must name {expected}"
    for queue, properties in template.of_type("AWS::SQS::Queue").items():
        if "${AWS::StackName}" not in properties.get("QueueName", {}).get("Fn::Sub", ""):
            yield f"{queue}: its name must hold the stack's, or a second stack in the account fails"


def queues_are_encrypted_at_rest_and_in_transit(template: Template) -> Faults:
    policies = list(template.of_type("AWS::SQS::QueuePolicy").values())
    for name, queue in template.of_type("AWS::SQS::Queue").items():
        if queue.get("SqsManagedSseEnabled") is not True and "KmsMasterKeyId" not in queue:
            yield f"{name}: is not encrypted"
        statements = [
            statement
            for policy in policies
            if reference(name) in policy["Queues"]
            for statement in as_list(policy["PolicyDocument"]["Statement"])
        ]
        if not any(
            statement["Effect"] == "Deny"
            and statement["Principal"] == "*"
            and statement["Action"] == "sqs:*"
            and statement["Resource"] == arn_of(name)
            and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in statements
        ):
            yield f"{name}: can be used without TLS"
        if any(statement["Effect"] == "Allow" for statement in statements):
            yield f"{name}: its policy grants access, which belongs to roles"


RULES = (
    the_worker_reports_failures_message_by_message,
    worker_concurrency_bounds_database_connections,
    visibility_outlasts_the_workers_retries,
    dead_letters_are_kept_longer_than_messages,
    only_the_notification_queue_may_use_the_dead_letter_queue,
    queues_are_encrypted_at_rest_and_in_transit,
)
