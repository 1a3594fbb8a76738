"""Tokens and secrets: fetched when there is none, kept while they are good, and no longer."""

import json
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest
from convoke.database.access import choose_certificates, choose_credentials
from convoke.database.credentials import IamTokens, Secret, SignIn, read_secret, sign_token
from convoke.database.tls import find_certificates, make_context
from convoke.errors import DatabaseUnavailableError
from convoke.settings import DatabaseSettings, SettingsError
from moto import mock_aws
from sqlalchemy import make_url


class CountingSigner:
    """Signs `token 1`, `token 2` and so on."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        return f"token {self.count}"


@pytest.mark.parametrize(("age", "token"), [(0, 1), (599, 1), (601, 2), (3_600, 2), (-60, 2)])
def test_a_token_is_kept_for_ten_of_its_fifteen_minutes(age: float, token: int) -> None:
    times = iter([1_000_000.0, 1_000_000.0 + age])
    tokens = IamTokens("convoke_api", CountingSigner(), clock=lambda: next(times))
    tokens.get()

    assert tokens.get() == SignIn("convoke_api", f"token {token}")


def test_a_token_that_is_to_be_forgotten_is_signed_anew() -> None:
    tokens = IamTokens("convoke_api", CountingSigner(), clock=lambda: 1_000_000.0)
    tokens.get()
    tokens.forget()

    assert tokens.get().password == "token 2"


@pytest.fixture
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")


def test_the_token_is_the_one_that_aws_s_own_client_makes(aws_credentials: None) -> None:
    # A session of its own: the default one keeps the credentials of whichever test came first.
    client = boto3.Session().client("rds", region_name="eu-central-1")
    for _ in range(5):
        theirs = client.generate_db_auth_token("db.example.org", 5432, "convoke_api", "eu-central-1")
        ours = sign_token("db.example.org", 5432, "convoke_api", "eu-central-1")
        if fields(ours)["X-Amz-Date"] == fields(theirs)["X-Amz-Date"]:
            break

    assert fields(ours) == fields(theirs)
    assert urlsplit(f"//{ours}").netloc == "db.example.org:5432"


def fields(token: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(f"//{token}").query))


def test_without_credentials_it_says_so(aws_credentials: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(DatabaseUnavailableError, match="there are no AWS credentials"):
        sign_token("db.example.org", 5432, "convoke_api", "eu-central-1")


def test_a_secret_is_read_once_and_again_when_it_has_been_rotated() -> None:
    texts = iter(json.dumps({"username": "master", "password": password}) for password in ("old", "new"))
    secret = Secret(lambda: next(texts))

    assert [secret.get().password, secret.get().password] == ["old", "old"]
    secret.forget()
    assert secret.get() == SignIn("master", "new")


@pytest.mark.parametrize("text", ["no JSON, p4ssw0rd", "[]", '{"username": "p4ssw0rd"}', "7"])
def test_what_is_no_secret_is_not_quoted(text: str) -> None:
    with pytest.raises(DatabaseUnavailableError, match="must be JSON") as caught:
        Secret(lambda: text).get()

    assert "p4ssw0rd" not in repr(caught.value)
    assert caught.value.__suppress_context__


def test_the_secret_comes_from_secrets_manager(
    aws_credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        client = boto3.client("secretsmanager")
        arn = client.create_secret(Name="master", SecretString="what it holds")["ARN"]

        assert read_secret(arn) == "what it holds"
        with pytest.raises(DatabaseUnavailableError, match="cannot be read"):
            read_secret(arn.replace("master", "other"))


def test_a_password_in_the_url_is_used_as_it_is() -> None:
    settings = DatabaseSettings(
        "postgresql://user:password@host/database", database_iam=True, aws_region="eu-west-1"
    )

    assert choose_credentials(settings, make_url(settings.database_url)) is None
    assert choose_certificates(settings, None) is None


def test_the_migrator_s_secret_comes_before_iam() -> None:
    settings = DatabaseSettings(
        "postgresql://host/database", database_secret_arn="arn:aws:…", database_iam=True
    )

    assert isinstance(choose_credentials(settings, make_url(settings.database_url)), Secret)


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "ap-southeast-4", "sa-east-1"])
def test_each_region_has_the_three_authorities_of_rds(region: str) -> None:
    authorities = make_context(find_certificates(region)).get_ca_certs()

    names = {dict(part[0] for part in it["subject"])["commonName"] for it in authorities}  # type: ignore[union-attr, arg-type, misc]
    assert names == {f"Amazon RDS {region} Root CA {kind} G1" for kind in ("RSA2048", "RSA4096", "ECC384")}


@pytest.mark.parametrize("region", ["", "moon-north-1", "../certificates/us-east-1", "."])
def test_a_region_without_certificates_says_what_to_do(region: str) -> None:
    with pytest.raises(SettingsError, match="set DATABASE_CA"):
        find_certificates(region)


def test_a_file_without_certificates_is_named(tmp_path: object) -> None:
    with pytest.raises(SettingsError, match="DATABASE_CA: no certificates can be read from /dev/null"):
        make_context(find_certificates("us-east-1").parent / "/dev/null")
