"""The product's base, `prod`, made inside DuckDB: accounts and users, the clients' contacts, and what was sent to them.

Every statement is a template of `company.Company.sql`: `{rows}` the size, `{until}` the last instant written,
`{since3y}` and `{since13m}` the first instants that the last monthly purge left. Order is that of the key, so the
same seed gives the same file. Bands of eleven keep people apart: the first contact of each eleven unsubscribed and is
written to no more; the sixth is new. Each campaign sends one message at least.
"""

from __future__ import annotations

#: Rows at 20 000 contacts; those of GROWING follow the number of contacts.
SIZES = {
    "accounts": 400, "users": 900, "prospects": 3000, "contacts": 20000, "lists": 1200, "campaigns": 600,
    "templates": 240, "messages": 60000, "events": 120000, "click_logs": 24000, "unsubscribes": 1800,
    "suppression": 2500, "consents": 9000, "support_notes": 700, "form_submissions": 1500, "bounces": 900,
    "api_log": 5000, "tmp_export_2025_11": 200, "invoices": 480, "contracts": 260, "contests_2023": 0,
    "sessions_old": 800,
}  # fmt: skip
GROWING = ("contacts", "lists", "messages", "events", "click_logs", "unsubscribes", "suppression", "consents")
#: Every erasure stands on the list of objections, and what is planted there, or of those who unsubscribed, keeps its
#: count in a small company too.
NEVER_LESS = ("suppression", "unsubscribes")
#: Erasures of the whole period, whatever the seed: the last entries of that list.
ERASURES = 170

#: Arithmetic of the audience: which contact of account `a` a message goes to, and when campaign `c` left.
MACROS = (
    "CREATE TEMP MACRO account_of(i) AS 1 + (i - 1) % 400",
    "CREATE TEMP MACRO contacts_of(a) AS ({contacts} - a) // 400 + 1",
    "CREATE TEMP MACRO out_of_band(k) AS CASE WHEN k % 11 IN (0, 5) THEN k - 1 ELSE k END",
    "CREATE TEMP MACRO recipient_of(a, u) AS a + 400 * out_of_band(1 + u % (contacts_of(a) - 1))",
    "CREATE TEMP MACRO campaign_account(c) AS CASE WHEN c > 60 THEN 1 + (c * 7) % 400 END",
    # Invoices of June 2025 leave in every company: F17 lies among them.
    "CREATE TEMP MACRO campaign_sent(c) AS CASE WHEN c IN (75, 90, 105) THEN moment('campaigns', c, 'sent_at', "
    "TIMESTAMP '2025-06-06 06:00:00', TIMESTAMP '2025-06-28 18:00:00') ELSE "
    "moment('campaigns', c, 'sent_at', TIMESTAMP '2025-05-03 06:00:00', TIMESTAMP '2026-06-22 18:00:00') END",
    "CREATE TEMP MACRO unsubscribed_on(i) AS "
    "moment('unsubscribes', i, 'at', TIMESTAMP '2023-06-02 00:00:00', TIMESTAMP '2026-06-22 00:00:00')",
    "CREATE TEMP MACRO unsubscriber(i) AS account_of(i) + 4400 * ((i - 1) // 400)",
    "CREATE TEMP MACRO listed_pool(i) AS CASE WHEN i <= {unsubscribes} THEN 'contacts' ELSE 'visitors' END",
    "CREATE TEMP MACRO listed_number(i) AS CASE WHEN i <= {unsubscribes} THEN unsubscriber(i) ELSE i END",
    "CREATE TEMP MACRO hmac(m) AS sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode(m))))",
)

CUSTOMERS = {
    "accounts": """
SELECT i AS account_id, concat('Atelier ', last_name('users', i), ' ', i) AS company,
  full_name('users', i) AS owner_name, email_of('users', i) AS owner_email, phone_of('users', i) AS owner_phone,
  concat(street_of('users', i), ', ', city_of('users', i)) AS billing_address,
  concat('FR00', lpad(CAST(below('accounts', i, 'iban', 10000000000) AS VARCHAR), 23, '0')) AS iban,
  email_of('users', i) AS login_email, sha256(CAST(draw('accounts', i, 'password') AS VARCHAR)) AS password_hash,
  ip_of(trace_of('accounts', i)) AS last_login_ip,
  moment('accounts', i, 'created', TIMESTAMP '2018-06-01 00:00:00', TIMESTAMP '2025-06-01 00:00:00') AS created_at,
  CASE WHEN i % 40 = 7 AND moment('accounts', i, 'closed', TIMESTAMP '2025-06-02 00:00:00',
    TIMESTAMP '2026-06-20 00:00:00') <= {until} THEN moment('accounts', i, 'closed', TIMESTAMP '2025-06-02 00:00:00',
    TIMESTAMP '2026-06-20 00:00:00') END AS closed_at,
  moment('accounts', i, 'updated', TIMESTAMP '2025-06-02 00:00:00', {until}) AS updated_at
FROM range(1, {rows} + 1) t(i)""",
    "users": """
SELECT i AS user_id, account_of(i) AS account_id, email_of('users', i) AS email, full_name('users', i) AS full_name,
  phone_of('users', i) AS phone, ip_of(trace_of('users', i)) AS last_ip,
  substr(sha256(CAST(draw('users', i, 'mfa') AS VARCHAR)), 1, 32) AS mfa_secret,
  CASE WHEN i <= 400 THEN 'owner' ELSE ['editor', 'sender', 'reader'][1 + i % 3] END AS role,
  moment('users', i, 'created', TIMESTAMP '2018-06-01 00:00:00', TIMESTAMP '2025-06-01 00:00:00') AS created_at,
  moment('users', i, 'login', greatest({since3y}, TIMESTAMP '2025-06-02 00:00:00'), {until}) AS last_login_at
FROM range(1, {rows} + 1) t(i)""",
    "prospects": """
SELECT i AS prospect_id, email_of('prospects', i) AS email, first_name('prospects', i) AS first_name,
  last_name('prospects', i) AS last_name, phone_of('prospects', i) AS phone, job_of('prospects', i) AS job_title,
  CASE WHEN i % 4 <> 1
    THEN moment('prospects', i, 'open', greatest({since3y}, collected_at), {until}) END AS last_open_at,
  CASE WHEN collected_at < {since3y} OR i % 3 = 0
    THEN moment('prospects', i, 'click', greatest({since3y}, collected_at), {until}) END AS last_click_at,
  concat('Maison ', last_name('prospects', i + 50000)) AS company, collected_at
FROM (SELECT i, moment('prospects', i, 'collected', TIMESTAMP '2021-01-01 00:00:00', TIMESTAMP '2026-06-20 00:00:00')
  AS collected_at FROM range(1, {rows} + 1) t(i)) WHERE collected_at <= {until}""",
    "lists": """
SELECT i AS list_id, account_of(i) AS account_id, concat('Liste ', 1 + (i - 1) // 400) AS name,
  moment('lists', i, 'created', TIMESTAMP '2019-01-01 00:00:00', TIMESTAMP '2025-06-01 00:00:00') AS created_at
FROM range(1, {rows} + 1) t(i)""",
    "campaigns": """
SELECT i AS campaign_id, campaign_account(i) AS account_id,
  CASE WHEN i % 15 = 0 THEN 'transactional' ELSE 'marketing' END AS message_type,
  CASE WHEN i % 15 = 0 THEN 'Votre facture' ELSE concat('La lettre n° ', i) END AS subject,
  CASE WHEN i <= 60 THEN 'lettre@exemple-courrier.example'
    ELSE concat('lettre@client-', lpad(CAST(campaign_account(i) AS VARCHAR), 3, '0'), '.example') END AS sender_email,
  CASE WHEN i <= 60 THEN 'contact@exemple-courrier.example'
    ELSE concat('contact@client-', lpad(CAST(campaign_account(i) AS VARCHAR), 3, '0'), '.example') END AS reply_to,
  CAST(NULL AS VARCHAR) AS custom_1, CAST(NULL AS VARCHAR) AS custom_2,
  true AS list_unsubscribe, true AS one_click, campaign_sent(i) AS sent_at
FROM range(1, {rows} + 1) t(i) WHERE campaign_sent(i) <= {until}""",
    "templates": """
SELECT i AS template_id, CASE WHEN i > 24 THEN account_of(i) END AS account_id,
  CASE WHEN i % 15 = 0 THEN 'transactional' ELSE 'marketing' END AS message_type,
  CASE WHEN i IN (9, 10, 11) THEN ['birth_date', 'phone', 'postal_address'][i - 8]
    WHEN i <= 96 THEN ['email', 'first_name', 'last_name', 'city'][1 + i % 4]
    ELSE ['subject', 'logo', 'discount', 'order_number', 'season'][1 + i % 5] END AS field_name,
  CASE WHEN i IN (9, 10, 11) THEN ['segment', 'merge', 'merge'][i - 8]
    ELSE ['address', 'merge', 'merge', 'segment'][1 + i % 4] END AS used_in,
  CASE WHEN i IN (9, 10, 11) THEN ['offre d''anniversaire', 'rappel', 'envoi d''un catalogue'][i - 8]
    ELSE ['adresser la lettre', 'saluer par le prénom', 'saluer par le nom', 'choisir la ville'][1 + i % 4]
    END AS purpose,
  true AS necessary
FROM range(1, {rows} + 1) t(i)""",
    "invoices": """
SELECT i AS invoice_id, account_of(i) AS account_id, concat('FA-', issued_on, '-', i) AS number,
  CAST(1900 + below('invoices', i, 'amount', 240000) AS DECIMAL(12, 2)) / 100 AS amount, issued_on,
  make_date(year(issued_on), 12, 31) AS fiscal_year_end
FROM (SELECT i, DATE '2025-01-02' + CAST(below('invoices', i, 'issued', 530) AS INTEGER) AS issued_on
  FROM range(1, {rows} + 1) t(i)) WHERE issued_on <= {until}""",
    "contracts": """
SELECT i AS contract_id, account_of(i) AS account_id, ended_on - 1096 AS signed_on, ended_on
FROM (SELECT i, DATE '2025-06-03' + CAST(below('contracts', i, 'ended', 1040) AS INTEGER) AS ended_on
  FROM range(1, {rows} + 1) t(i)) WHERE ended_on - 1096 <= {until}""",
}

AUDIENCE = {
    "contacts": """
SELECT i AS contact_id, account_of(i) AS account_id, email_of('contacts', i) AS email,
  first_name('contacts', i) AS first_name, last_name('contacts', i) AS last_name, phone_of('contacts', i) AS phone,
  birth_of('contacts', i) AS birth_date, street_of('contacts', i) AS postal_address, city_of('contacts', i) AS city,
  ['fr', 'fr', 'fr', 'en', 'nl'][1 + i % 5] AS language,
  concat('{{"segment": ', below('contacts', i, 'segment', 9), '}}') AS custom_json,
  CASE WHEN created_at < {since3y} OR i % 5 < 3
    THEN moment('contacts', i, 'contact', greatest({since3y}, created_at), {until}) END AS last_contact_at,
  created_at AS consent_at, created_at, ['csv', 'form', 'api'][1 + i % 3] AS loaded_by,
  CASE WHEN i % 3 = 0 THEN 1 + below('contacts', i, 'import', 48) END AS import_id,
  CAST(NULL AS VARCHAR) AS legal_hold_reference, CAST(NULL AS DATE) AS legal_hold_from,
  CAST(NULL AS DATE) AS legal_hold_until
FROM (SELECT i, CASE WHEN ((i - 1) // 400) % 11 = 5
    THEN moment('contacts', i, 'created', TIMESTAMP '2025-07-02 00:00:00', TIMESTAMP '2026-06-22 00:00:00')
    ELSE moment('contacts', i, 'created', TIMESTAMP '2020-01-02 00:00:00', TIMESTAMP '2025-05-02 00:00:00')
  END AS created_at FROM range(1, {rows} + 1) t(i)) WHERE created_at <= {until}""",
    "messages": """
SELECT i AS message_id, campaign_id, coalesce(u.email, c.email) AS recipient_email,
  below('messages', i, 'opens', 4) AS open_count, CAST(NULL AS VARCHAR) AS anon_hash,
  campaign_at + to_seconds(below('messages', i, 'delay', 5400)) AS sent_at,
  CASE WHEN i % 61 = 0 THEN 'bounced' ELSE 'delivered' END AS status
FROM (SELECT i, campaign_id, campaign_at, CASE WHEN account_id IS NULL THEN 1 + person % 900 END AS user_id,
    CASE WHEN account_id IS NOT NULL THEN recipient_of(account_id, person) END AS contact_id
  FROM (SELECT i, campaign_id, campaign_account(campaign_id) AS account_id, below('messages', i, 'person', 1000000007)
    AS person FROM (SELECT i, CASE WHEN i <= 600 THEN i
      ELSE 1 + below('messages', i, 'campaign', 600) END AS campaign_id FROM range(1, {rows} + 1) t(i)))
  JOIN (SELECT n AS campaign_id, campaign_sent(n) AS campaign_at FROM range(1, 601) t(n)) USING (campaign_id)
  WHERE campaign_at <= {until})
LEFT JOIN prod.users u USING (user_id) LEFT JOIN prod.contacts c USING (contact_id) ORDER BY message_id""",
    "unsubscribes": """
SELECT i AS unsub_id, account_of(i) AS account_id,
  email_of('contacts', unsubscriber(i)) AS email, ip_of(trace_of('unsubscribes', i)) AS ip,
  ['link', 'link', 'one_click', 'reply'][1 + i % 4] AS channel, unsubscribed_at
FROM (SELECT i, unsubscribed_on(i) AS unsubscribed_at FROM range(1, {rows} + 1) t(i))
WHERE unsubscribed_at <= {until}""",
    "consents": """
SELECT i AS consent_id, email, source_ip, text_version, given_at,
  CASE WHEN withdrawn_at <= {until} THEN withdrawn_at END AS withdrawn_at
FROM (SELECT i, email_of('contacts', 1 + below('consents', i, 'person', {contacts})) AS email,
    ip_of(trace_of('consents', i)) AS source_ip, concat('v', 1 + i % 4) AS text_version, given_at,
    CASE WHEN i % 10 = 3 THEN moment('consents', i, 'withdrawn', given_at, TIMESTAMP '2026-06-22 00:00:00') END
    AS withdrawn_at
  FROM (SELECT i, moment('consents', i, 'given', TIMESTAMP '2023-06-02 00:00:00', TIMESTAMP '2026-06-20 00:00:00')
    AS given_at FROM range(1, {rows} + 1) t(i))) WHERE given_at <= {until} ORDER BY consent_id""",
}

#: Four kinds of trace of a message: same shape, other names. `{days}`: how long after the sending it may come.
TRACES = """
SELECT i AS {key}, message_id, m.recipient_email AS email, {columns},
  m.sent_at + to_seconds(60 + below('{table}', i, 'delay', {days} * 86400)) AS occurred_at
FROM (SELECT i, 1 + below('{table}', i, 'message', {messages}) AS message_id,
  trace_of('{table}', i) AS trace FROM range(1, {rows} + 1) t(i)) JOIN prod.messages m USING (message_id)
WHERE m.sent_at + to_seconds(60 + below('{table}', i, 'delay', {days} * 86400)) <= {until} ORDER BY i"""
TRACE_COLUMNS = {
    "events": ("event_id", 5, "ip_of(trace) AS ip, agent_of(trace) AS user_agent, place_of(trace) AS geo, "
               "['delivered', 'open', 'open', 'click'][1 + trace // 7 % 4] AS kind"),
    "click_logs": ("click_id", 5, "concat('https://exemple-courrier.example/l/', trace // 7 % 5000) AS url, "
                   "ip_of(trace) AS ip"),
    "bounces": ("bounce_id", 1, "'550 5.1.1 mailbox unavailable' AS smtp_reply"),
}  # fmt: skip

SIDE = {
    # Unsubscribers, addresses that bounced or complained, and everybody erased, from the day of the erasure.
    "suppression": """
SELECT i AS entry_id, CASE WHEN i % 3 = 0 THEN 'account' ELSE 'global' END AS list_name,
  CASE WHEN i % 3 = 0 THEN account_of(i) END AS account_id, hmac(email_of(pool, number)) AS entry,
  CAST(NULL AS VARCHAR) AS name, CAST(NULL AS DATE) AS birth_date, 'hmac' AS stored_form,
  CASE WHEN pool = 'contacts' THEN 'unsubscribe' ELSE ['hard_bounce', 'complaint'][1 + i % 2] END AS reason, added_at
FROM (SELECT i, listed_pool(i) AS pool, listed_number(i) AS number, CASE WHEN listed_pool(i) = 'contacts'
    THEN unsubscribed_on(i) ELSE moment('suppression', i, 'added', TIMESTAMP '2025-07-02 00:00:00',
    TIMESTAMP '2026-06-22 00:00:00') END AS added_at FROM range(1, {rows} - {erasures} + 1) t(i))
WHERE added_at <= {until}
UNION ALL
SELECT {rows} - {erasures} + row_number() OVER (ORDER BY erasure_id), 'global', NULL, hmac(address), NULL, NULL, 'hmac',
  'erasure', CAST(executed_at AS TIMESTAMP)
FROM vault.erasures ORDER BY entry_id""",
    "support_notes": """
SELECT i AS note_id, account_of(i) AS account_id, email_of('staff', 1 + i % 12) AS author,
  email_of('users', 701 + below('support_notes', i, 'person', 200)) AS contact_email,
  ['Rappelé, tout va bien.', 'Souci de connexion réglé.', 'Demande une facture.'][1 + i % 3] AS body, created_at
FROM (SELECT i, moment('support_notes', i, 'created', TIMESTAMP '2024-07-01 00:00:00', TIMESTAMP '2026-06-20 00:00:00')
  AS created_at FROM range(1, {rows} + 1) t(i)) WHERE created_at <= {until}""",
    "form_submissions": """
SELECT i AS submission_id, account_of(i) AS account_id, email_of('users', p) AS email,
  first_name('users', p) AS first_name, last_name('users', p) AS last_name, ip_of(trace_of('form', i)) AS ip,
  'https://exemple-courrier.example/formulaire' AS referrer, submitted_at
FROM (SELECT i, 1 + below('form', i, 'person', 900) AS p, moment('form', i, 'submitted',
  TIMESTAMP '2025-06-02 00:00:00', TIMESTAMP '2026-06-20 00:00:00') AS submitted_at FROM range(1, {rows} + 1) t(i))
WHERE submitted_at <= {until}""",
    "api_log": """
SELECT i AS call_id, account_of(i) AS account_id, email_of('users', account_of(i)) AS key_owner,
  ip_of(trace) AS ip, agent_of(trace) AS user_agent, ['/contacts', '/messages', '/lists'][1 + i % 3] AS route, called_at
FROM (SELECT i, trace_of('api_log', i) AS trace, moment('api_log', i, 'called', TIMESTAMP '2025-12-01 00:00:00',
  TIMESTAMP '2026-06-26 00:00:00') AS called_at FROM range(1, {rows} + 1) t(i)) WHERE called_at <= {until}""",
    "tmp_export_2025_11": """
SELECT email_of('prospects', 2000 + i) AS email, first_name('prospects', 2000 + i) AS first_name,
  last_name('prospects', 2000 + i) AS last_name, phone_of('prospects', 2000 + i) AS phone,
  birth_of('prospects', 2000 + i) AS birth_date, street_of('prospects', 2000 + i) AS postal_address,
  TIMESTAMP '2025-11-14 16:42:10' AS exported_at
FROM range(1, {rows} + 1) t(i)""",
    "contests_2023": """
SELECT CAST(i AS BIGINT) AS entry_id, CAST(NULL AS VARCHAR) AS email, CAST(NULL AS TIMESTAMP) AS entered_at
FROM range(1, {rows} + 1) t(i)""",
    "sessions_old": """
SELECT substr(sha256(CAST(draw('sessions_old', i, 'id') AS VARCHAR)), 1, 32) AS session_id,
  email_of('users', 1 + below('sessions_old', i, 'person', 400)) AS email, ip_of(trace_of('sessions_old', i)) AS ip,
  moment('sessions_old', i, 'started', TIMESTAMP '2025-05-03 00:00:00', TIMESTAMP '2025-12-20 00:00:00') AS started_at
FROM range(1, {rows} + 1) t(i) ORDER BY i""",
}
