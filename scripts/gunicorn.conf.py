"""Gunicorn, the same on a laptop and in production; the environment says where they differ."""

from pathlib import Path

from coding_ops.env import env_int, env_str

_host = env_str("BIND", "127.0.0.1", help="Address the web process listens on.")
_port = env_int("PORT", 8000, help="Port the web process listens on.")

bind = f"{_host}:{_port}"
workers = env_int("WEB_WORKERS", 2, help="Web processes; two per core is a fair start.")
threads = env_int("WEB_THREADS", 4, help="Threads of each web process.")
worker_class = "gthread"
timeout = 60
graceful_timeout = 8
keepalive = 5
# A worker is renewed now and then, so that a slow leak never becomes an outage.
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True
_memory = Path("/dev/shm")  # noqa: S108 - a heartbeat on a slow disk would kill healthy workers
worker_tmp_dir = str(_memory) if _memory.is_dir() else None
forwarded_allow_ips = env_str(
    "FORWARDED_ALLOW_IPS", "127.0.0.1", help="Proxies whose X-Forwarded headers are believed."
)
