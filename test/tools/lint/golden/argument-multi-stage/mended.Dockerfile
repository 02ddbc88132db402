# The first stage has the compilers and the token, the second one the packages alone.
FROM python:3.13-slim AS compile
ARG INDEX_URL
WORKDIR /srv
RUN python3 -m venv /srv/venv
ENV PATH="/srv/venv/bin:$PATH"
COPY requirements.txt .
RUN --mount=type=secret,id=netrc,target=/run/secrets/netrc,required=true \
    test -s /run/secrets/netrc || { echo "the secret netrc is empty" >&2; exit 1; }; \
    export NETRC=/run/secrets/netrc PIP_INDEX_URL="${INDEX_URL:?is empty}"; \
    pip install --no-cache-dir -r requirements.txt

FROM python:3.13-slim
COPY --from=compile /srv/venv /srv/venv
ENV PATH="/srv/venv/bin:$PATH"
CMD ["python3", "-m", "http.server"]
