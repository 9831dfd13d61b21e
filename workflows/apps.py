from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "workflows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tenants.administration.case_work import register
        from workflows.administration import Cases

        register(Cases())
