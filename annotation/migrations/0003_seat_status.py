from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("annotation", "0002_guards")]

    operations = [
        migrations.RemoveConstraint(model_name="assignment", name="a_seat_status_is_known"),
    ]
