FROM python:3.13-slim AS wheel
WORKDIR /source
COPY LICENSE README.md pyproject.toml ./
COPY schema schema
COPY service service
COPY migrations migrations
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1
# The home is also the data folder: documents and the key that signs audit checkpoints.
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/tenun tenun
COPY requirements.lock /usr/local/share/tenun/
RUN pip install --no-cache-dir --require-hashes --requirement /usr/local/share/tenun/requirements.lock
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-deps --no-index /wheels/*.whl
USER 10001
WORKDIR /var/lib/tenun
EXPOSE 8000
ENTRYPOINT ["tenun"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--data-dir", "/var/lib/tenun"]
