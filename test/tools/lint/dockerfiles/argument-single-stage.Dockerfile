# One stage; the pipeline passes its index as a build argument.
FROM python:3.13-slim
ARG PIP_EXTRA_INDEX_URL
WORKDIR /srv
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python3", "-m", "http.server"]
