# syntax=docker/dockerfile:1
ARG PYTHON_VERSION=3.13
FROM python:${PYTHON_VERSION} AS build
ARG INDEX_URL
RUN python -m venv /venv
RUN --mount=type=secret,id=netrc,target=/root/.netrc,required=true \
    --mount=type=bind,source=requirements.txt,target=/tmp/requirements.txt \
    test -s /root/.netrc && \
    /venv/bin/pip install --index-url "${INDEX_URL}" -r /tmp/requirements.txt
FROM python:${PYTHON_VERSION}-slim
COPY --link --from=build /venv /venv
USER 1000:1000
CMD ["/venv/bin/python"]
