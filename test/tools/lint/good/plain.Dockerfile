FROM python:3.13-slim
RUN useradd --uid 10001 --no-log-init --create-home app
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY src/ src/
USER 10001
ENTRYPOINT ["python", "-m", "src"]
