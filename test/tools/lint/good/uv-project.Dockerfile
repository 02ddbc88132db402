# syntax=docker/dockerfile:1.12
FROM python:3.13-slim AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
WORKDIR /app
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,source=uv.lock,target=uv.lock \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    --mount=type=secret,id=uv_password,env=UV_INDEX_FEED_PASSWORD,required=true \
    : "${UV_INDEX_FEED_PASSWORD:?the secret uv_password is empty}" && uv sync --locked --no-install-project
COPY . /app
RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked --offline
FROM python:3.13-slim
COPY --from=build --chown=10001:10001 /app /app
USER 10001
ENV PATH=/app/.venv/bin:$PATH
CMD ["serve"]
