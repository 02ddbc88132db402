# (d) The index with its token comes as a secret mount.
FROM upstream AS build
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt .
RUN --mount=type=secret,id=pip_index_url,required=true \
    PIP_INDEX_URL="$(cat /run/secrets/pip_index_url)" pip install --no-cache-dir --requirement requirements.txt
COPY . /app
RUN --mount=type=secret,id=pip_index_url,required=true \
    PIP_INDEX_URL="$(cat /run/secrets/pip_index_url)" pip install --no-cache-dir --no-deps /app

FROM upstream
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
CMD ["orders-api"]
