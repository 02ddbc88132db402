FROM python:3.13-slim AS build
RUN pip install poetry==2.1.1
COPY pyproject.toml poetry.lock ./
RUN --mount=type=secret,id=poetry_password,required=true \
    test -s /run/secrets/poetry_password || exit 1; \
    POETRY_HTTP_BASIC_FEED_USERNAME=build \
    POETRY_HTTP_BASIC_FEED_PASSWORD="$(cat /run/secrets/poetry_password)" \
    poetry install --only main --no-interaction
FROM python:3.13-slim
COPY --from=build /root/.cache/pypoetry /opt/venvs
USER 65532
