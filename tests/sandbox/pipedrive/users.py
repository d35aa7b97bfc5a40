"""Who the token is, and who else is there."""
from .answer import ok


def shown(company, user, me):
    return {"id": user.id, "name": user.name, "default_currency": company.currency, "locale": "en_US", "lang": 1, "email": user.email,
            "phone": None, "activated": True, "last_login": "2026-01-05 08:00:00", "created": "2024-01-05 08:00:00", "modified": None,
            "has_created_company": False, "access": [{"app": "sales", "admin": user.admin, "permission_set_id": f"p-{user.group}"}],
            "active_flag": not user.disabled, "timezone_name": company.timezone, "timezone_offset": company.offset, "role_id": 1,
            "icon_url": None, "is_you": user is me, "is_deleted": False}


def me(call):
    company = call.company
    return ok({**shown(company, call.user, call.user), "company_id": company.id, "company_name": company.title,
               "company_domain": company.domain, "company_country": company.country, "company_industry": None,
               "language": {"language_code": "en", "country_code": "US"}})


def many(call):
    return ok([shown(call.company, user, call.user) for user in call.company.users.values()])
