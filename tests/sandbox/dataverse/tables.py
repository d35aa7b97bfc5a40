"""The tables an organisation has out of the box, as far as Aftercall may touch them. Lengths are the vendor's defaults."""
from .schema import Column, Table, choice, housekeeping, lookup, memo, read_only, text

ACTIVE = {0: "Active", 1: "Inactive"}


def state(options, statuses, default_status):
    return (choice("statecode", options, default=0), choice("statuscode", statuses, default=default_status))


def key(name):
    return Column(name, "guid", updatable=False)


CONTACT = Table("contact", "contacts", "contactid", "Contact", code=2, columns=(
    key("contactid"),
    text("firstname", 50), text("middlename", 100), text("lastname", 50), read_only("fullname", "string", max=160),
    text("emailaddress1", 100), text("emailaddress2", 100), text("emailaddress3", 100),
    text("mobilephone", 50), text("telephone1", 50), text("telephone2", 50), text("jobtitle", 100),
    lookup("parentcustomerid", (("parentcustomerid_account", "account"), ("parentcustomerid_contact", "contact"))),
    memo("description", 2000),
    *state(ACTIVE, {1: "Active", 2: "Inactive"}, 1), *housekeeping()),
    children=(("Contact_Annotation", "annotation", "objectid"),))

ACCOUNT = Table("account", "accounts", "accountid", "Account", code=1, columns=(
    key("accountid"),
    text("name", 160), text("emailaddress1", 100), text("telephone1", 50), text("websiteurl", 200),
    lookup("primarycontactid", (("primarycontactid", "contact"),)),
    memo("description", 2000),
    *state(ACTIVE, {1: "Active", 2: "Inactive"}, 1), *housekeeping()),
    children=(("Account_Annotation", "annotation", "objectid"), ("contact_customer_accounts", "contact", "parentcustomerid")))

APPOINTMENT = Table("appointment", "appointments", "activityid", "Activity", code=4201, columns=(
    key("activityid"),
    text("subject", 200), memo("description", 1048576), text("location", 200),
    Column("scheduledstart", "datetime"), Column("scheduledend", "datetime"),
    Column("isonlinemeeting", "boolean", default=False),
    text("onlinemeetingid", 300), text("onlinemeetingjoinurl", 600), text("onlinemeetingchatid", 200),
    choice("onlinemeetingtype", {1: "Teams Meeting"}),
    text("globalobjectid", 300),
    choice("instancetypecode", {0: "Not Recurring", 1: "Recurring Master", 2: "Recurring Instance",
                                3: "Recurring Exception", 4: "Recurring Future Exception"}, default=0),
    Column("seriesid", "guid"),
    lookup("regardingobjectid", (("regardingobjectid_account_appointment", "account"),
                                 ("regardingobjectid_contact_appointment", "contact"))),
    *state({0: "Open", 1: "Completed", 2: "Canceled", 3: "Scheduled"},
           {1: "Free", 2: "Tentative", 3: "Completed", 4: "Canceled", 5: "Busy", 6: "Out of Office"}, 1),
    *housekeeping()),
    children=(("Appointment_Annotation", "annotation", "objectid"),
              ("appointment_activity_parties", "activityparty", "activityid")))

ACTIVITY_PARTY = Table("activityparty", "activityparties", "activitypartyid", "Activity", code=135, columns=(
    key("activitypartyid"),
    lookup("activityid", (("activityid_appointment", "appointment"),)),
    lookup("partyid", (("partyid_contact", "contact"), ("partyid_account", "account"), ("partyid_systemuser", "systemuser"))),
    choice("participationtypemask", {5: "Required attendee", 6: "Optional attendee", 7: "Organizer", 9: "Owner"}),
    text("addressused", 320)))

ANNOTATION = Table("annotation", "annotations", "annotationid", "Note", code=5, columns=(
    key("annotationid"),
    text("subject", 500), memo("notetext", 100000), Column("isdocument", "boolean", default=False),
    text("filename", 255), text("mimetype", 256), memo("documentbody", 7_000_000),
    lookup("objectid", (("objectid_contact", "contact"), ("objectid_account", "account"),
                        ("objectid_appointment", "appointment"), ("objectid_incident", "incident"))),
    read_only("objecttypecode", "string", max=64),
    *housekeeping()))

INCIDENT = Table("incident", "incidents", "incidentid", "Incident", code=112, columns=(
    key("incidentid"),
    text("title", 200), memo("description", 2000), read_only("ticketnumber", "string", max=100), text("emailaddress", 100),
    lookup("customerid", (("customerid_contact", "contact"), ("customerid_account", "account"))),
    lookup("primarycontactid", (("primarycontactid", "contact"),)),
    lookup("parentcaseid", (("parentcaseid", "incident"),)),
    choice("prioritycode", {1: "High", 2: "Normal", 3: "Low"}, default=2),
    choice("caseorigincode", {1: "Phone", 2: "Email", 3: "Web", 2483: "Facebook", 3986: "Twitter", 700610000: "IoT"}),
    choice("casetypecode", {1: "Question", 2: "Problem", 3: "Request"}),
    choice("severitycode", {1: "Default Value"}, default=1),
    Column("routecase", "boolean", default=True), Column("sentimentvalue", "double"),
    *state({0: "Active", 1: "Resolved", 2: "Cancelled"},
           {1: "In Progress", 2: "On Hold", 3: "Waiting for Details", 4: "Researching", 5: "Problem Solved",
            1000: "Information Provided", 6: "Cancelled", 2000: "Merged"}, 1),
    *housekeeping()),
    children=(("Incident_Annotation", "annotation", "objectid"),))

QUEUE = Table("queue", "queues", "queueid", "Queue", code=2020, columns=(
    key("queueid"),
    text("name", 200), text("emailaddress", 100), memo("description", 2000),
    choice("queueviewtype", {0: "Public", 1: "Private"}, default=0),
    *state(ACTIVE, {1: "Active", 2: "Inactive"}, 1), *housekeeping()),
    children=(("queue_entries", "queueitem", "queueid"),))

QUEUE_ITEM = Table("queueitem", "queueitems", "queueitemid", "QueueItem", code=2029, columns=(
    key("queueitemid"),
    text("title", 300),
    lookup("queueid", (("queueid", "queue"),)),
    lookup("objectid", (("objectid_incident", "incident"), ("objectid_appointment", "appointment"))),
    lookup("workerid", (("workerid_systemuser", "systemuser"), ("workerid_team", "team"))),
    Column("enteredon", "datetime"),
    *state(ACTIVE, {1: "Active", 2: "Inactive"}, 1), *housekeeping()))

SYSTEM_USER = Table("systemuser", "systemusers", "systemuserid", "User", code=8, columns=(
    key("systemuserid"),
    text("fullname", 200), text("internalemailaddress", 100), text("domainname", 1024),
    Column("azureactivedirectoryobjectid", "guid"), Column("applicationid", "guid"), Column("isdisabled", "boolean", default=False),
    *housekeeping(owned=False)))

TEAM = Table("team", "teams", "teamid", "Team", code=9, columns=(
    key("teamid"), text("name", 160), *housekeeping(owned=False)))

# Nobody's standard table: the convention of one vendor's handoff product, there only where an organisation says so.
LIVE_WORK_ITEM = Table("oc_liveworkitem", "oc_liveworkitems", "oc_liveworkitemid", "oc_liveworkitem", code=10300, columns=(
    key("oc_liveworkitemid"),
    text("subject", 200), text("channel", 20), text("sessionid", 100), Column("workstreamid", "guid"),
    text("customername", 200), text("customeremail", 100), text("customerphone", 50),
    lookup("contactid", (("contactid_contact", "contact"),)),
    memo("transcript", 1048576),
    *state(ACTIVE, {1: "Active", 2: "Inactive"}, 1), *housekeeping()))

STANDARD = (CONTACT, ACCOUNT, APPOINTMENT, ACTIVITY_PARTY, ANNOTATION, INCIDENT, QUEUE, QUEUE_ITEM, SYSTEM_USER, TEAM)
ONLINE_MEETING_COLUMNS = {"isonlinemeeting", "onlinemeetingid", "onlinemeetingjoinurl", "onlinemeetingchatid", "onlinemeetingtype"}
VERBS = ("Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign")
