# A personal access token as a build argument, put into the feed's address.
FROM python:3.13-slim
ARG FEED_ACCESSTOKEN
ARG FEED_HOST=pkgs.dev.azure.com
WORKDIR /srv
COPY requirements.txt .
RUN pip install --no-cache-dir \
    # the user's name does not matter
    --index-url "https://build:${FEED_ACCESSTOKEN}@pkgs.dev.azure.com/contoso/_packaging/python/pypi/simple/" \
    -r requirements.txt
CMD ["python3", "-m", "http.server"]
