# The first stage has the compilers and the token, the second one the packages alone.
FROM python:3.13-slim AS compile
ARG PIP_EXTRA_INDEX_URL
ENV PIP_EXTRA_INDEX_URL=$PIP_EXTRA_INDEX_URL
WORKDIR /srv
RUN python3 -m venv /srv/venv
ENV PATH="/srv/venv/bin:$PATH"
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

FROM python:3.13-slim
COPY --from=compile /srv/venv /srv/venv
ENV PATH="/srv/venv/bin:$PATH"
CMD ["python3", "-m", "http.server"]
