"""Keys in a file or sealed, and prices with the day they hold from."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from curation import guards

# What was said before holds from the day before its endpoint was named: so in every time zone.
MOVE = """
INSERT INTO curation_price (endpoint_id, since, input_price, output_price)
SELECT id, created_at::date - 1, input_price, output_price
FROM curation_endpoint WHERE input_price IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""
BACK = """
UPDATE curation_endpoint e SET input_price = p.input_price, output_price = p.output_price
FROM (
    SELECT DISTINCT ON (endpoint_id) * FROM curation_price
    WHERE since <= current_date ORDER BY endpoint_id, since DESC, id DESC
) p WHERE p.endpoint_id = e.id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('curation', '0004_drafting_engine'),
    ]

    operations = [
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('since', models.DateField()),
                ('input_price', models.BigIntegerField()),
                ('output_price', models.BigIntegerField()),
                ('cached_price', models.BigIntegerField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='price',
            name='endpoint',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prices', to='curation.endpoint'),
        ),
        migrations.AddIndex(
            model_name='price',
            index=models.Index(fields=['endpoint', '-since', '-id'], name='price_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('input_price__gte', 0), ('output_price__gte', 0), models.Q(('cached_price__isnull', True), ('cached_price__gte', 0), _connector='OR')), name='no_price_is_negative'),
        ),
        migrations.AddConstraint(
            model_name='price',
            constraint=models.CheckConstraint(condition=models.Q(('cached_price__isnull', True), ('cached_price__lte', models.F('input_price')), _connector='OR'), name='cached_input_is_never_dearer'),
        ),
        migrations.RunSQL(MOVE, BACK),
        *guards.append_only('curation_price'),
        migrations.RemoveConstraint(
            model_name='endpoint',
            name='a_price_is_known_whole',
        ),
        migrations.RemoveField(
            model_name='endpoint',
            name='input_price',
        ),
        migrations.RemoveField(
            model_name='endpoint',
            name='output_price',
        ),
        migrations.AddField(
            model_name='endpoint',
            name='key_file',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='endpoint',
            name='key_hint',
            field=models.CharField(blank=True, max_length=4),
        ),
        migrations.AddField(
            model_name='endpoint',
            name='key_sealed',
            field=models.BinaryField(blank=True, default=bytes),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('key_file__regex', '^[A-Za-z0-9][A-Za-z0-9._-]*$'), ('key_file', ''), _connector='OR'), name='a_key_file_has_a_plain_name'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('key_env', ''), ('key_file', '')), models.Q(('key_env', ''), ('key_sealed', b'')), models.Q(('key_file', ''), ('key_sealed', b'')), _connector='OR'), name='a_key_is_in_one_place'),
        ),
    ]
