"""docs/dashboard.png shows the dashboard that is deployed."""

from contract.template.dashboards import read_dashboard
from contract.template.expansion import ROOT, Template
from contract.template.scripts import load_script


def test_the_picture_has_each_widget_and_a_value_for_each_metric(template: Template) -> None:
    script = load_script("draw_dashboard")
    (dashboard,) = template.of_type("AWS::CloudWatch::Dashboard").values()

    drawn = script.read_widgets((ROOT / "infra/observability.yaml").read_text(encoding="utf-8"))

    names = {"Stage": "prod", "StackName": "convoke-prod"}
    assert drawn == read_dashboard(dashboard["DashboardBody"]["Fn::Sub"], names)
    samples = script.simulate()
    for widget in drawn:
        if widget["type"] == "metric":
            assert all(values for _, values in script.compute(widget["properties"], samples))
