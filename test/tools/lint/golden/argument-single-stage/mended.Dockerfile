# One stage; the pipeline passes its index as a build argument.
FROM python:3.13-slim
ARG INDEX_URL
WORKDIR /srv
COPY requirements.txt .
RUN --mount=type=secret,id=netrc,target=/run/secrets/netrc,required=true \
    test -s /run/secrets/netrc || { echo "the secret netrc is empty" >&2; exit 1; }; \
    export NETRC=/run/secrets/netrc PIP_INDEX_URL="${INDEX_URL:?is empty}"; \
    pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python3", "-m", "http.server"]
