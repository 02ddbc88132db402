FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=on \
    PIP_INDEX_URL=https://pkgs.dev.azure.com/contoso/_packaging/python/pypi/simple/
COPY pyproject.toml .
RUN --mount=type=secret,id=netrc,required=true \
    [ -s /run/secrets/netrc ] || exit 1; NETRC=/run/secrets/netrc pip install .
FROM gcr.io/distroless/python3
COPY --from=build /usr/local/lib /usr/local/lib
USER nonroot
