"""How requests to Amazon and Google are signed: Signature Version 4, and the assertion of a service account.

Both are functions of their arguments only; the way out (`door/upstream.py`) knows the clock and fetches the token.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlsplit

import orjson

from supercycle.core.errors import EnvironmentProblem

__all__ = ["GRANT", "AwsKey", "ServiceAccount", "assertion", "aws_key", "service_account", "sigv4"]

GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
_LIFE_S: Final = 3600  # of an assertion, the most that is accepted


class AwsKey(NamedTuple):
    """An access key. ``token`` belongs to temporary ones."""

    access: str
    secret: str
    token: str = ""


class ServiceAccount(NamedTuple):
    """What a service account's file says."""

    email: str
    key_id: str
    private_key: str
    token_uri: str


def aws_key(text: str, provider: str) -> AwsKey:
    """``ACCESS:SECRET`` or ``ACCESS:SECRET:TOKEN``. Raises EnvironmentProblem, without repeating what was given."""
    parts = text.split(":", 2)
    if len(parts) < 2 or not all(parts):
        raise EnvironmentProblem(
            f"the key of provider {provider}", expected="ACCESS:SECRET or ACCESS:SECRET:TOKEN"
        )
    return AwsKey(*parts)


def service_account(text: str, provider: str) -> ServiceAccount:
    """A service account's JSON. Raises EnvironmentProblem, without repeating what was given."""
    try:
        found: Any = orjson.loads(text)
        return ServiceAccount(
            str(found["client_email"]),
            str(found["private_key_id"]),
            str(found["private_key"]),
            str(found["token_uri"]),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise EnvironmentProblem(
            f"the key of provider {provider}", expected="the JSON of a service account's key"
        ) from None


def sigv4(
    key: AwsKey,
    method: str,
    url: str,
    body: bytes,
    at: datetime,
    *,
    region: str,
    service: str = "bedrock",
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers that sign a request (AWS Signature Version 4); ``headers`` are further ones to sign.

    The path is encoded once more than it is sent, as all services but S3 want it.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

    >>> from datetime import UTC
    >>> key = AwsKey("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    >>> told = sigv4(key, "GET", "https://example.amazonaws.com/", b"", datetime(2015, 8, 30, 12, 36, tzinfo=UTC),
    ...              region="us-east-1", service="service")
    >>> told["authorization"].partition("Signature=")[2]
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'
    """
    parts = urlsplit(url)
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    day = stamp[:8]
    signed = {"host": parts.netloc, "x-amz-date": stamp, **(headers or {})}
    if key.token:
        signed["x-amz-security-token"] = key.token
    names = ";".join(sorted(signed))
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    canonical = "\n".join(
        [
            method,
            quote(parts.path or "/", safe="/-_.~"),
            query,
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            "",
            names,
            sha256(body).hexdigest(),
        ]
    )
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, sha256(canonical.encode()).hexdigest()])
    secret = f"AWS4{key.secret}".encode()
    for word in (day, region, service, "aws4_request"):
        secret = hmac.digest(secret, word.encode(), "sha256")
    signature = hmac.digest(secret, text.encode(), "sha256").hex()
    credential = f"{key.access}/{scope}"
    told = {name: value for name, value in signed.items() if name != "host"}
    told["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    return told


def assertion(account: ServiceAccount, at: datetime) -> str:
    """What a service account shows for an access token: a signed JWT (RFC 7523), good for an hour."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    now = int(at.timestamp())
    head = {"alg": "RS256", "typ": "JWT", "kid": account.key_id}
    claims = {
        "iss": account.email,
        "scope": _SCOPE,
        "aud": account.token_uri,
        "iat": now,
        "exp": now + _LIFE_S,
    }
    said = b".".join(urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=") for part in (head, claims))
    try:
        key = load_pem_private_key(account.private_key.encode(), password=None)
    except ValueError:
        raise EnvironmentProblem(
            f"the private key of {account.email} cannot be read", expected="PEM"
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise EnvironmentProblem(f"the private key of {account.email}", expected="an RSA key")
    signature = urlsafe_b64encode(key.sign(said, PKCS1v15(), SHA256())).rstrip(b"=")
    return (said + b"." + signature).decode()
