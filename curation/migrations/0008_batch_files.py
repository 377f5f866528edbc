import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('curation', '0007_taxonomy_drafts'),
    ]

    operations = [
        migrations.CreateModel(
            name='BatchFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('structured', models.CharField(choices=[('json_schema', 'JSON schema'), ('json_object', 'JSON object'), ('prompt', 'by the prompt alone')], max_length=12)),
                ('price_percent', models.PositiveSmallIntegerField(default=100)),
                ('lines', models.PositiveIntegerField(default=0)),
                ('size', models.PositiveBigIntegerField(default=0)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('by_ref', models.CharField(max_length=80)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batch_files', to='curation.endpoint')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batch_files', to='curation.project')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batch_files', to='curation.run')),
            ],
            options={
                'ordering': ['run', 'number'],
                'constraints': [
                    models.UniqueConstraint(fields=('run', 'number'), name='one_batch_file_a_number_and_run'),
                    models.CheckConstraint(condition=models.Q(('price_percent__range', (0, 100))), name='a_batch_costs_0_to_100_percent'),
                    models.CheckConstraint(condition=models.Q(('sha256', ''), models.Q(('lines__gt', 0), ('sha256__regex', '^[0-9a-f]{64}$')), _connector='OR'), name='a_batch_file_with_a_hash_has_lines'),
                ],
            },
        ),
        migrations.AddField(
            model_name='call',
            name='batch',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='curation.batchfile'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('status', 'batched')), fields=['batch'], name='call_in_a_batch_file'),
        ),
    ]
