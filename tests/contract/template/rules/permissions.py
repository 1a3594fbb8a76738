"""Rules for roles: each function has its own, with the actions that it needs on the resources it uses."""

from contract.template.expansion import (
    ALL_FUNCTIONS,
    API,
    FUNCTIONS,
    MIGRATOR,
    QUEUE,
    RELAY,
    TOKEN_CLAIMS,
    WORKER,
    Faults,
    Node,
    Template,
    alias_of,
    arn_of,
    as_list,
    reference,
)

#: The actions of a function on the notification queue.
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
    TOKEN_CLAIMS: set(),
}
#: The database user of a function that signs in with an IAM token.
DATABASE_USERS = {API: "convoke_api", WORKER: "convoke_worker", RELAY: "convoke_relay"}

_LOG_ACTIONS = {"logs:CreateLogStream", "logs:PutLogEvents"}
#: X-Ray has no resources for these ("Actions, resources, and condition keys for AWS X-Ray").
_TRACE_ACTIONS = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
#: The actions that Lambda needs for a function in a VPC ("Giving Lambda functions access to resources in an
#: Amazon VPC").
NETWORK_ACTIONS = {
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
}
_ANYWHERE = _TRACE_ACTIONS | NETWORK_ACTIONS | {"cloudwatch:DescribeAlarms"}
_SHIFT_ACTIONS = ("lambda:GetAlias", "lambda:UpdateAlias")
_SERVICES = {"lambda.amazonaws.com", "scheduler.amazonaws.com", "codedeploy.amazonaws.com"}


def each_function_has_a_role_of_its_own(template: Template) -> Faults:
    roles = [str(template.properties(function).get("Role")) for function in ALL_FUNCTIONS]
    if len(set(roles)) < len(ALL_FUNCTIONS):
        yield "two functions share a role"
    ours = template.of_type("AWS::IAM::ManagedPolicy")
    for name, role in template.of_type("AWS::IAM::Role").items():
        if any(
            policy not in [reference(own) for own in ours] for policy in role.get("ManagedPolicyArns", [])
        ):
            yield f"{name}: AWS's managed policies allow more than is needed"


def no_statement_allows_everything(template: Template) -> Faults:
    for name, holder in (
        template.of_type("AWS::IAM::Role") | template.of_type("AWS::IAM::ManagedPolicy")
    ).items():
        for statement in _allowed(holder):
            actions = set(as_list(statement.get("Action", "*")))
            if "NotAction" in statement or "NotResource" in statement:
                yield f"{name}: allows by exclusion (NotAction or NotResource)"
            for action in sorted(action for action in actions if "*" in action):
                yield f"{name}: allows {action}"
            if "*" in as_list(statement.get("Resource", "*")) and not actions <= _ANYWHERE:
                yield f"{name}: allows {sorted(actions)} on everything"


def each_function_may_do_what_it_needs_and_no_more(template: Template) -> Faults:
    for function, queue_actions in QUEUE_ACTIONS.items():
        properties = template.properties(function)
        role = template.properties(properties.get("Role", {}).get("Fn::GetAtt", [""])[0])
        log_group = properties.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref", "")
        allowed = {(action, _name(template, resource)) for action, resource in _grants(template, role)}
        expected = (
            {(action, str(arn_of(QUEUE))) for action in queue_actions}
            | {(action, str(arn_of(log_group))) for action in _LOG_ACTIONS}
            | {(action, "*") for action in _TRACE_ACTIONS}
        )
        if function in FUNCTIONS:
            expected |= {(action, "*") for action in NETWORK_ACTIONS}
        if user := DATABASE_USERS.get(function):
            expected.add(("rds-db:connect", f"dbuser:{user}"))
        if function == MIGRATOR:
            secret = template.environment(MIGRATOR).get("DATABASE_SECRET_ARN")
            expected.add(("secretsmanager:GetSecretValue", _name(template, secret)))
        for action, resource in sorted(allowed - expected):
            yield f"{function}: may {action} on {resource} without need"
        for action, resource in sorted(expected - allowed):
            yield f"{function}: must be allowed to {action} on {resource}"


def each_function_signs_in_as_the_user_that_its_role_allows(template: Template) -> Faults:
    for function in FUNCTIONS:
        variables = template.environment(function)
        url = _text(variables.get("DATABASE_URL"))
        user = DATABASE_USERS.get(function)
        if not url.startswith(f"postgresql://{user}@$" if user else "postgresql://$"):
            yield f"{function}: DATABASE_URL must name {user or 'nobody'} and hold no password, but is {url}"
        if (variables.get("DATABASE_IAM") == "true") != (user is not None):
            yield f"{function}: DATABASE_IAM must be {'true' if user else 'absent'}"
        if ("DATABASE_SECRET_ARN" in variables) != (function == MIGRATOR):
            yield f"{function}: the master secret is the migrator's alone"


def a_functions_code_cannot_change_the_network(template: Template) -> Faults:
    for name, policy in template.of_type("AWS::IAM::ManagedPolicy").items():
        denied = [
            set(statement["Action"])
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Deny"
            and statement.get("Resource") == "*"
            # Present in calls that a function's code makes, absent in those of Lambda for it.
            and statement.get("Condition") == {"Null": {"lambda:SourceFunctionArn": "false"}}
        ]
        for statement in _allowed(policy):
            if not any(set(as_list(statement["Action"])) <= actions for actions in denied):
                yield f"{name}: lets a function's code change network interfaces"


def roles_are_assumed_by_the_service_that_runs_them(template: Template) -> Faults:
    for name, role in template.of_type("AWS::IAM::Role").items():
        for statement in as_list(role["AssumeRolePolicyDocument"]["Statement"]):
            services = as_list(statement["Principal"].get("Service", "*"))
            if set(statement["Principal"]) != {"Service"} or not set(services) <= _SERVICES:
                yield f"{name}: can be assumed by services other than {', '.join(sorted(_SERVICES))}"


def a_deployment_may_shift_traffic_of_our_functions_only(template: Template) -> Faults:
    groups = template.of_type("AWS::CodeDeploy::DeploymentGroup")
    roles = {str(group.get("ServiceRoleArn", {}).get("Fn::GetAtt", [""])[0]) for group in groups.values()}
    if len(roles) != 1:
        yield "the deployments must have one role of ours"
    # IAM names an alias by its function for these, and by itself for its provisioned concurrency ("Actions,
    # resources, and condition keys for AWS Lambda").
    functions = (API, WORKER, RELAY)
    expected = {(action, str(arn_of(name))) for action in _SHIFT_ACTIONS for name in functions}
    expected |= {
        ("lambda:GetProvisionedConcurrencyConfig", str({"Fn::Sub": f"${{{name}.Arn}}:live"}))
        for name in functions
    }
    expected.add(("cloudwatch:DescribeAlarms", "*"))
    for name in roles:
        allowed = {(act, str(resource)) for act, resource in _grants(template, template.properties(name))}
        for action, resource in sorted(allowed ^ expected):
            must = "must be allowed to" if (action, resource) in expected else "must not"
            yield f"{name}: {must} {action} on {resource}"
    for name in groups:
        if alias_of(name.removesuffix("DeploymentGroup"))["Ref"] not in template.expanded["Resources"]:
            yield f"{name}: deploys no alias"


def _allowed(holder: Node) -> list[Node]:
    documents = [policy["PolicyDocument"] for policy in holder.get("Policies", [])]
    if "PolicyDocument" in holder:
        documents.append(holder["PolicyDocument"])
    return [
        statement
        for document in documents
        for statement in as_list(document["Statement"])
        if statement["Effect"] == "Allow"
    ]


def _grants(template: Template, role: Node) -> list[tuple[str, Node]]:
    policies = template.of_type("AWS::IAM::ManagedPolicy")
    attached = [policies[name] for name in policies if reference(name) in role.get("ManagedPolicyArns", [])]
    return [
        (action, resource)
        for holder in (role, *attached)
        for statement in _allowed(holder)
        for action in as_list(statement.get("Action", "*"))
        for resource in as_list(statement.get("Resource", "*"))
    ]


def _name(template: Template, resource: Node) -> str:
    """Return a resource as the rules write it: a database user by its name, others unchanged."""
    place, _, user = _text(resource).rpartition("/")
    expected = "arn:${AWS::Partition}:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:${Database}"
    return f"dbuser:{user}" if place == expected else str(template.value(resource))


def _text(node: Node) -> str:
    """Return the text of an Fn::Sub, with or without values of its own."""
    text = node.get("Fn::Sub", "") if isinstance(node, dict) else node
    return str(text[0] if isinstance(text, list) else text)


RULES = (
    each_function_has_a_role_of_its_own,
    no_statement_allows_everything,
    each_function_may_do_what_it_needs_and_no_more,
    each_function_signs_in_as_the_user_that_its_role_allows,
    a_functions_code_cannot_change_the_network,
    roles_are_assumed_by_the_service_that_runs_them,
    a_deployment_may_shift_traffic_of_our_functions_only,
)
