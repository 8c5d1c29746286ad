from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_more_tables")]

    operations = [
        migrations.CreateModel(
            name="AcceleratorEdit",
            fields=[],
            options={
                "verbose_name": "accelerator",
                "verbose_name_plural": "accelerators",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("catalogue.edit",),
        ),
        migrations.CreateModel(
            name="ArchitectureEdit",
            fields=[],
            options={
                "verbose_name": "model architecture",
                "verbose_name_plural": "model architectures",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("catalogue.edit",),
        ),
    ]
