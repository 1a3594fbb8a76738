"""Faults in deployments, alarms and the dashboard."""

FAULTS: dict[str, tuple[str, str, str]] = {
    "release with a default": (
        "    AllowedPattern: ^[0-9a-zA-Z]{10,64}$\n",
        '    AllowedPattern: ^[0-9a-zA-Z]{10,64}$\n    Default: "0000000000"\n',
        "would not be published",
    ),
    "relay that is never published": (
        "      AutoPublishCodeSha256: !Ref ReleaseId\n      DeploymentPreference:\n        Type: AllAtOnce",
        "      DeploymentPreference:\n        Type: AllAtOnce",
        "AutoPublishCodeSha256 must be ReleaseId",
    ),
    "worker without an alias": (
        "      AutoPublishAlias: live\n      AutoPublishCodeSha256: !Ref ReleaseId\n"
        "      DeploymentPreference:\n"
        "        Type: !Ref DeploymentType\n        Role: !GetAtt DeploymentRole.Arn\n"
        "        Alarms: [!Ref NotifyWorkerErrors]\n",
        "",
        "NotifyWorkerFunction: has no alias",
    ),
    "API watched by the worker's alarm": (
        "Alarms: [!Ref ApiErrors]",
        "Alarms: [!Ref NotifyWorkerErrors]",
        "does not watch its alias",
    ),
    "all requests at once": (
        "    Default: Canary10Percent5Minutes\n",
        "    Default: AllAtOnce\n",
        "all requests at once",
    ),
    "deployment that may shift the migrator": (
        "                  - !GetAtt OutboxRelayFunction.Arn\n              - Effect: Allow\n"
        "                Action: lambda:GetProvisionedConcurrencyConfig\n",
        "                  - !GetAtt MigratorFunction.Arn\n              - Effect: Allow\n"
        "                Action: lambda:GetProvisionedConcurrencyConfig\n",
        "must not lambda:UpdateAlias",
    ),
    "deployment that cannot shift at all": (
        "                Action: [lambda:GetAlias, lambda:UpdateAlias]\n",
        "                Action: [lambda:GetAlias]\n",
        "must be allowed to lambda:UpdateAlias",
    ),
    "DLQ watched by a metric that stays 0": (
        "      MetricName: ApproximateNumberOfMessagesVisible\n",
        "      MetricName: NumberOfMessagesSent\n",
        "no alarm watches its ApproximateNumberOfMessagesVisible",
    ),
    "silence without an alarm": (
        "      TreatMissingData: breaching\n",
        "      TreatMissingData: notBreaching\n",
        "no data is the fault",
    ),
    "alarm without a topic": (
        "      Period: 60\n      EvaluationPeriods: 3\n      DatapointsToAlarm: 3\n      Threshold: 300\n"
        "      ComparisonOperator: GreaterThanThreshold\n      TreatMissingData: notBreaching\n"
        "      AlarmActions: [!Ref AlarmTopic]\n",
        "      Period: 60\n      EvaluationPeriods: 3\n      DatapointsToAlarm: 3\n      Threshold: 300\n"
        "      ComparisonOperator: GreaterThanThreshold\n      TreatMissingData: notBreaching\n",
        "QueueBacklog: notifies no topic",
    ),
    "runbook that does not exist": (
        "Runbook ${RunbookUrl}/throttles.md",
        "Runbook ${RunbookUrl}/throttled.md",
        "throttled.md is not in docs/runbooks",
    ),
    "composite of an alarm that does not exist": (
        'ALARM("${StackName}-late-5min")',
        'ALARM("${StackName}-late-5m")',
        "there is no alarm late-5m",
    ),
    "burn rate of another promise": (
        "      Threshold: 0.1\n",
        "      Threshold: 0.5\n",
        "burn rates by window",
    ),
    "burn rate without traffic": ('"IF(n >= 1000, 100 - within, 0)"', '"100 - within"', "floor of traffic"),
    "another timeout": ("api / 29000, worker / 30000", "api / 29000, worker / 60000", "has 30000 ms"),
    "metric that no service publishes": (
        "      MetricName: OutboxOldestAgeSeconds\n",
        "      MetricName: OutboxOldestAge\n",
        "no service publishes Convoke OutboxOldestAge",
    ),
    "metric of another function": (
        '["Convoke", "RelayRuns", "service", "outbox-relay"',
        '["Convoke", "RelayRuns", "service", "notify-worker"',
        "no service publishes Convoke RelayRuns",
    ),
    "metric that is not shown": (
        '["Convoke", "AuthzDenied", "service", "convoke-api", "stage", "${Stage}", {"label": '
        '"refused callers"}]',
        '["Convoke", "DirectSendFailed", "service", "convoke-api", "stage", "${Stage}"]',
        "AuthzDenied of convoke-api is emitted and not shown",
    ),
    "alarm that is not shown": (
        'alarm:${StackName}-api-5xx"',
        'alarm:${StackName}-api-errors"',
        "does not show the alarm api-5xx",
    ),
    "runbook that is not linked": (
        "[queue-backlog](${RunbookUrl}/queue-backlog.md) · ",
        "",
        "the runbook queue-backlog is not linked",
    ),
    "overlapping widgets": (
        '{"type": "metric", "x": 8, "y": 8,',
        '{"type": "metric", "x": 6, "y": 8,',
        "overlaps",
    ),
    "another price": ("* 4e-07", "* 5e-07", "sqs_request"),
}
