FROM python:3.13-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends git openssh-client
RUN --mount=type=ssh git clone git@ssh.dev.azure.com:v3/contoso/shop/orders /src
RUN pip wheel --no-deps -w /wheels /src
FROM python:3.13-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels pip install --no-index /wheels/*.whl
USER 1000
