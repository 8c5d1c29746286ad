"""The Celery application. ``portal.jobs`` imports it when Django starts, so ``shared_task`` binds to it.

Run as ``celery -A portal.celery worker``: prefork with one process for each device. The parent never imports torch,
so nothing has touched CUDA when it forks.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.base")
# Asking torch whether there is a device must not create a CUDA context, which a fork could not use.
os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
# Threads of torch sleep while they wait for one another: on busy cores training is some twice as fast.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
