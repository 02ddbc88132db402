# (f) Wheels of the project and of all that it needs are made in a builder, and installed into an image for each script.
FROM upstream AS build
RUN python3 -m venv /opt/build
COPY . /app
RUN --mount=type=secret,id=pip_index_url,required=true \
    PIP_INDEX_URL="$(cat /run/secrets/pip_index_url)" /opt/build/bin/pip wheel --no-cache-dir --wheel-dir /wheels --requirement /app/requirements.txt /app

FROM upstream AS base
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    python3 -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --no-index --no-deps /wheels/*.whl
ENV PATH=/opt/venv/bin:$PATH

FROM base AS orders-api
CMD ["orders-api"]

FROM base AS orders-worker
CMD ["orders-worker"]
