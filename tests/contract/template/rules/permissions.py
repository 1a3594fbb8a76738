"""What must hold of the roles: each function has its own, with the actions it needs on the things it uses."""

from contract.template.expansion import (
    API,
    FUNCTIONS,
    MIGRATOR,
    QUEUE,
    RELAY,
    WORKER,
    Faults,
    Node,
    Template,
    arn_of,
    as_list,
)

#: What a function may do with the notification queue.
QUEUE_ACTIONS: dict[str, set[str]] = {
    API: {"sqs:SendMessage"},
    WORKER: {
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
    },
    RELAY: {"sqs:SendMessage", "sqs:GetQueueAttributes"},
    MIGRATOR: set(),
}
_LOG_ACTIONS = {"logs:CreateLogStream", "logs:PutLogEvents"}
#: X-Ray knows no resources for these ("Actions, resources, and condition keys for AWS X-Ray").
_ANYWHERE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


def each_function_has_a_role_of_its_own(template: Template) -> Faults:
    roles = [str(template.properties(function).get("Role")) for function in FUNCTIONS]
    if len(set(roles)) < len(FUNCTIONS):
        yield "two functions share a role"
    for name, role in template.of_type("AWS::IAM::Role").items():
        if role.get("ManagedPolicyArns"):
            yield f"{name}: managed policies allow more than is needed"


def no_statement_allows_everything(template: Template) -> Faults:
    for name, role in template.of_type("AWS::IAM::Role").items():
        for statement in _allowed(role):
            actions = set(as_list(statement.get("Action", "*")))
            if "NotAction" in statement or "NotResource" in statement:
                yield f"{name}: allows all but something"
            for action in sorted(action for action in actions if "*" in action):
                yield f"{name}: allows {action}"
            if "*" in as_list(statement.get("Resource", "*")) and not actions <= _ANYWHERE:
                yield f"{name}: allows {sorted(actions)} on everything"


def each_function_may_do_what_it_needs_and_no_more(template: Template) -> Faults:
    for function, queue_actions in QUEUE_ACTIONS.items():
        properties = template.properties(function)
        role = template.properties(properties.get("Role", {}).get("Fn::GetAtt", [""])[0])
        log_group = properties.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref", "")
        allowed = {(action, str(resource)) for action, resource in _grants(role)}
        expected = (
            {(action, str(arn_of(QUEUE))) for action in queue_actions}
            | {(action, str(arn_of(log_group))) for action in _LOG_ACTIONS}
            | {(action, "*") for action in _ANYWHERE}
        )
        for action, resource in sorted(allowed - expected):
            yield f"{function}: may {action} on {resource} and need not"
        for action, resource in sorted(expected - allowed):
            yield f"{function}: must be allowed to {action} on {resource}"


def roles_are_assumed_by_the_service_that_runs_them(template: Template) -> Faults:
    for name, role in template.of_type("AWS::IAM::Role").items():
        for statement in as_list(role["AssumeRolePolicyDocument"]["Statement"]):
            services = as_list(statement["Principal"].get("Service", "*"))
            if set(statement["Principal"]) != {"Service"} or not set(services) <= {
                "lambda.amazonaws.com",
                "scheduler.amazonaws.com",
            }:
                yield f"{name}: can be assumed by others than Lambda and the scheduler"


def _allowed(role: Node) -> list[Node]:
    return [
        statement
        for policy in role.get("Policies", [])
        for statement in as_list(policy["PolicyDocument"]["Statement"])
        if statement["Effect"] == "Allow"
    ]


def _grants(role: Node) -> list[tuple[str, Node]]:
    return [
        (action, resource)
        for statement in _allowed(role)
        for action in as_list(statement.get("Action", "*"))
        for resource in as_list(statement.get("Resource", "*"))
    ]


RULES = (
    each_function_has_a_role_of_its_own,
    no_statement_allows_everything,
    each_function_may_do_what_it_needs_and_no_more,
    roles_are_assumed_by_the_service_that_runs_them,
)
