# A personal access token as a build argument, put into the feed's address.
FROM python:3.13-slim
ARG FEED_HOST=pkgs.dev.azure.com
WORKDIR /srv
COPY requirements.txt .
RUN --mount=type=secret,id=netrc,target=/run/secrets/netrc,required=true \
    test -s /run/secrets/netrc || { echo "the secret netrc is empty" >&2; exit 1; }; \
    export NETRC=/run/secrets/netrc; \
    pip install --no-cache-dir \
    # the user's name does not matter
    --index-url "https://pkgs.dev.azure.com/contoso/_packaging/python/pypi/simple/" \
    -r requirements.txt
CMD ["python3", "-m", "http.server"]
