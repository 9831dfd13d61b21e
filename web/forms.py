from django.forms.renderers import TemplatesSetting
class FieldRenderer(TemplatesSetting): pass
