"""Faults in the queue, the gateway, the functions and their roles."""

FAULTS: dict[str, tuple[str, str, str]] = {
    "partial failures off": (
        "            FunctionResponseTypes: [ReportBatchItemFailures]\n",
        "",
        "ReportBatch",
    ),
    "partial failures misspelt": ("[ReportBatchItemFailures]", "[ReportBatchItemsFailures]", "ReportBatch"),
    "visibility too short": (
        "VisibilityTimeout: !Ref NotificationVisibilitySeconds",
        "VisibilityTimeout: 30",
        "must be at least 180",
    ),
    "worker slower than the visibility allows": (
        "      Timeout: 30\n",
        "      Timeout: 60\n",
        "must be at least 360",
    ),
    "no authorizer by default": ("        DefaultAuthorizer: Jwt\n", "", "DefaultAuthorizer"),
    "a route opened": (
        "            ApiId: !Ref HttpApi\n\n  ApiLogGroup",
        "            ApiId: !Ref HttpApi\n            Auth: { Authorizer: NONE }\n\n  ApiLogGroup",
        "is open",
    ),
    "tokens without a scope": (
        "            AuthorizationScopes: [!Ref JwtScope]\n",
        "",
        "without a scope",
    ),
    "preflight behind the authorizer": (
        "            Path: /{proxy+}\n            Auth: { Authorizer: NONE }\n",
        "            Path: /{proxy+}\n            Auth: { Authorizer: Jwt }\n",
        "must be open",
    ),
    "CORS collapsed by a list parameter": (
        "AllowOrigins: [!Ref AllowedOrigin]",
        "AllowOrigins: !Ref AllowedOrigin",
        "CORS",
    ),
    "CORS for all origins": ("AllowOrigins: [!Ref AllowedOrigin]", 'AllowOrigins: ["*"]', "CORS"),
    "retentions swapped": ("MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 345600", "14 days"),
    "too few receives": (
        "        maxReceiveCount: !Ref NotificationMaxReceiveCount",
        "        maxReceiveCount: 3",
        "maxReceiveCount must be at least 5",
    ),
    "worker with another receive count": (
        "MAX_RECEIVE_COUNT: !Ref NotificationMaxReceiveCount",
        'MAX_RECEIVE_COUNT: "7"',
        "MAX_RECEIVE_COUNT",
    ),
    "a variable that is not read": (
        "          RELAY_TICK_SECONDS:",
        "          RELAY_TICK:",
        "is not read",
    ),
    "API may do everything with the queue": (
        "                Action: sqs:SendMessage\n",
        "                Action: sqs:*\n",
        "allows sqs:*",
    ),
    "relay may send anywhere": (
        "                Action: [sqs:SendMessage, sqs:GetQueueAttributes]\n"
        "                Resource: !GetAtt NotificationQueue.Arn\n",
        '                Action: [sqs:SendMessage, sqs:GetQueueAttributes]\n                Resource: "*"\n',
        "on everything",
    ),
    "worker with the API's role": ("!GetAtt NotifyWorkerRole.Arn", "!GetAtt ApiRole.Arn", "share a role"),
    "dead-letter queue not encrypted": (
        "MessageRetentionPeriod: 1209600 # 14 days\n      SqsManagedSseEnabled: true\n",
        "MessageRetentionPeriod: 1209600\n      SqsManagedSseEnabled: false\n",
        "not encrypted",
    ),
    "TLS policy on the wrong queue": (
        "Queues: [!Ref NotificationDeadLetterQueue]",
        "Queues: [!Ref NotificationQueue]",
        "without TLS",
    ),
    "schedule named by its logical id": (
        "            Name: !Sub ${AWS::StackName}-outbox-relay\n",
        "",
        "its name must hold",
    ),
    "relay slower than its clock": ("rate(1 minute)", "rate(5 minutes)", "RELAY_TICK_SECONDS"),
    "two relays at once": (
        "[ReserveConcurrency, 1, !Ref AWS::NoValue]",
        "[ReserveConcurrency, 2, !Ref AWS::NoValue]",
        "must be 1",
    ),
    "handler misspelt": (
        "convoke_worker.handler.handler",
        "convoke_worker.handler.handle",
        "Handler must be",
    ),
    "code of another function": (
        "CodeUri: ../functions/outbox_relay/",
        "CodeUri: ../functions/migrator/",
        "not in",
    ),
    "API slower than the gateway": ("      Timeout: 29 #", "      Timeout: 60 #", "at most 29"),
    "metrics that are not used": (
        "      DefaultRouteSettings:\n",
        "      DefaultRouteSettings:\n        DetailedMetricsEnabled: true\n",
        "no widget shows them",
    ),
    "no throttling": ("        ThrottlingRateLimit: !Ref ThrottlingRate\n", "", "ThrottlingRateLimit"),
    "events logged": ('LOG_EVENT: "false"', 'LOG_EVENT: "true"', "logs whole events"),
    "unbounded worker concurrency": (
        "            ScalingConfig: { MaximumConcurrency: !Ref NotificationMaximumConcurrency }\n",
        "",
        "MaximumConcurrency",
    ),
    "a function URL": (
        "      Handler: convoke_api.handler.handler\n",
        "      Handler: convoke_api.handler.handler\n      FunctionUrlConfig: { AuthType: NONE }\n",
        "function URL",
    ),
    "layer for x86-64 only": (
        "      BuildArchitecture: !Ref Architecture\n    Properties:\n      Description: What two",
        "    Properties:\n      Description: What two",
        "BuildArchitecture",
    ),
    "logs kept for ever": (
        "-migrator\n      RetentionInDays: !Ref LogRetentionDays\n",
        "-migrator\n",
        "keeps logs for ever",
    ),
    "an issuer that is not checked": (
        "              audience: [!If [MakeIssuer, !GetAtt Identity.Outputs.ClientId, !Ref JwtAudience]]\n",
        "              audience: []\n",
        "does not check issuer and audience",
    ),
    "addresses in the access log": (
        '"sub":"$context.authorizer.claims.sub"}',
        '"sub":"$context.authorizer.claims.sub","who":"$context.authorizer.claims.email"}',
        "holds email",
    ),
    "dead-letter queue open to other queues": (
        "        redrivePermission: byQueue\n",
        "        redrivePermission: allowAll\n",
        "RedriveAllowPolicy",
    ),
    "a role that other services assume": (
        "            Principal: { Service: lambda.amazonaws.com }\n"
        "            Action: sts:AssumeRole\n"
        "      ManagedPolicyArns: [!Ref NetworkInterfacePolicy]\n"
        "      Policies:\n"
        "        - PolicyName: migrator\n",
        '            Principal: { AWS: "*" }\n'
        "            Action: sts:AssumeRole\n"
        "      ManagedPolicyArns: [!Ref NetworkInterfacePolicy]\n"
        "      Policies:\n"
        "        - PolicyName: migrator\n",
        "can be assumed",
    ),
    "worker that cannot postpone": (
        "                  - sqs:ChangeMessageVisibility\n",
        "",
        "must be allowed to sqs:ChangeMessageVisibility",
    ),
    "another Python": ("    Runtime: python3.13\n", "    Runtime: python3.12\n", "Runtime must be"),
    "metrics dropped with the logs": (
        "LoggingConfig: { LogFormat: JSON, LogGroup: !Ref OutboxRelayLogGroup }",
        "LoggingConfig: { LogFormat: JSON, LogGroup: !Ref OutboxRelayLogGroup, ApplicationLogLevel: ERROR }",
        "carry metrics",
    ),
    "not traced": ("    Tracing: Active\n", "    Tracing: PassThrough\n", "Tracing must be"),
    "no queue for the relay": (
        "          QUEUE_URL: !Ref NotificationQueue\n          RELAY_TICK_SECONDS",
        "          RELAY_TICK_SECONDS",
        "QUEUE_URL",
    ),
    "relay that times out before its database": ("Timeout: 55 #", "Timeout: 15 #", "times out before"),
    # It would end before the second wait, and nobody would be told when to try again.
    "API that times out before its database": ("Timeout: 29 #", "Timeout: 27 #", "ApiFunction: times out"),
}
