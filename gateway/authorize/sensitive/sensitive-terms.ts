/**
 * Names of sensitive things, by class. Terms are compared as words (sensitive-words.ts), so `social
 * security` stands for `socialSecurity`, `SOCIAL_SECURITY` and `socialsecurity`.
 *
 * `high` is sufficient by itself, `medium` mostly is, and `low` is a word of other domains too: it
 * counts if a format, a type or a description says the same.
 */

export type Confidence = 'high' | 'medium' | 'low';

export interface Terms {
  readonly class: string;
  readonly confidence: Confidence;
  /** Separated by commas. */
  readonly of: string;
}

export const terms: readonly Terms[] = [
  {
    class: 'credential',
    confidence: 'high',
    of: 'password, passphrase, passcode, pass hash, client secret, shared secret, secret key, app secret, webhook secret, signing secret, api key, private key, access key, encryption key, signing key, ssh key, recovery key, master key, credential, otp, totp, mfa secret, recovery code, backup code, access token, refresh token, auth token, authentication token, bearer token, api token, session token, id token, security token, reset token, personal access token, security answer, secret answer, secret question, mother maiden name, pin number, pin hash, card pin, session key, session cookie',
  },
  {
    class: 'credential',
    confidence: 'medium',
    of: 'secret, token, jwt, pin, pin code, session secret, authorization code, one time code, verification code, security code, security question',
  },
  { class: 'credential', confidence: 'low', of: 'salt, pass, session' },
  {
    class: 'government-id',
    confidence: 'high',
    of: 'ssn, ssn last 4, social security, social security number, social insurance, social insurance number, national insurance, national insurance number, ni number, nino, national id, national id number, national id card, national number, national identification number, government id, government id number, government issued id, citizen id, citizen number, citizen service number, personal id number, personal identity code, personal number, personnummer, civil registration number, passport, passport number, passport id, tax id, tax id number, tax number, tax code, tax file number, tfn, tax reference, taxpayer, taxpayer id, taxpayer number, tin number, fiscal code, codice fiscale, steuer id, steuernummer, itin, driver license, driver license number, driving license, license number of driver, identity card, id card number, identity number, identity document number, id document number, visa number, resident permit number, residence permit number, alien number, alien registration number, aadhaar, aadhar, pan card, pesel, bsn, cpf, curp, sin number, nhs number, medicare number, voter id, military id, insee, numero securite sociale, ahv number, avs number, svnr',
  },
  {
    class: 'government-id',
    confidence: 'medium',
    of: 'sin, tin, nin, nif, nie, dni, ein, personal id, work permit number, immigration number, green card, id number',
  },
  { class: 'government-id', confidence: 'low', of: 'license number, document number, visa' },
  {
    class: 'banking',
    confidence: 'high',
    of: 'iban, bban, basic bank account number, bank account, bank account number, account number, account iban, routing number, routing transit number, aba number, aba routing number, transit number, institution number, sort code, bsb, bsb code, clabe, ifsc, ifsc code, bic, bic code, swift code, swift bic, bank detail, bank code, credit card, credit card number, debit card, debit card number, card number, payment card, cc number, ccn, cvv, cvc, cvv2, card verification value, card security code, card expiry, card expiry date, pan number, primary account number, bank identification number, sepa mandate, direct debit mandate',
  },
  {
    class: 'banking',
    confidence: 'medium',
    of: 'swift, bank name, bank branch, account holder, account holder name, account owner name, name on card, cardholder, cardholder name, credit score, credit limit, account balance, pan, bank address',
  },
  { class: 'banking', confidence: 'low', of: 'bank, card, balance, iban country, account name' },
  {
    class: 'pay',
    confidence: 'high',
    of: 'salary, base salary, annual salary, salary amount, wage, compensation, total compensation, remuneration, payslip, pay slip, paystub, pay stub, paycheck, pay check, pay rate, hourly rate, base pay, gross pay, net pay, take home pay, gross salary, net salary, gross income, net income, annual income, monthly income, household income, earning, year to date earning, bonus, bonuses, bonus amount, severance, severance pay, overtime pay, holiday pay, sick pay, garnishment, wage garnishment, stock grant, stock option, equity grant, ctc, cost to company, pay amount',
  },
  {
    class: 'pay',
    confidence: 'medium',
    of: 'pay, income, pay grade, pay band, pay scale, salary band, deduction, tax withheld, withholding, withholding amount, allowance amount, pension contribution, retirement contribution, commission amount, commission rate, day rate, billable rate, raise amount, sign on bonus, payroll amount, ytd gross, ytd net',
  },
  {
    class: 'pay',
    confidence: 'low',
    of: 'net, gross, commission, equity, payroll, allowance, pension, benefit',
  },
  {
    class: 'health',
    confidence: 'high',
    of: 'diagnosis, diagnose, medical condition, medical history, medical record, medical record number, medical note, health condition, health record, health insurance number, health insurance id, health note, disability, disability status, disability type, allergy, medication, prescription, blood type, blood group, blood pressure, pregnancy, pregnant, pregnancy status, childbirth, date of childbirth, expected date of childbirth, vaccination, vaccination status, vaccinated, vaccine, immunization, hiv status, mental health, symptom, illness, disease, sick note, sick leave reason, icd 10, icd code, mrn, health data, medical data, reproductive health, genetic data, workplace accommodation',
  },
  {
    class: 'health',
    confidence: 'medium',
    of: 'medical, sick leave, sick day, sickness, sick, absence reason, health issue, health status of person, patient note, blood, treatment plan, therapy, surgery, lab result, medical certificate, health insurance, special need, dietary preference, dietary requirement, dietary restriction',
  },
  {
    class: 'health',
    confidence: 'low',
    of: 'health, treatment, patient, disabled, dietary, diet, injury',
  },
  {
    class: 'personal',
    confidence: 'high',
    of: 'dob, date of birth, birth date, birth day, birthday, birthdate, born on, born at, born before, born after, born between, birth year, year of birth, birth month, month of birth, day of birth, birth place, birthplace, place of birth, birth country, country of birth, city of birth, birth city, birth name, maiden name, gender, gender identity, legal sex, sexual orientation, sexuality, pronoun, ethnicity, ethnic origin, ethnic group, racial origin, religion, religious belief, nationality, citizenship, marital, marital status, civil status, veteran status, political affiliation, political opinion, union membership, trade union, criminal record, criminal history, background check result, biometric, biometric data, fingerprint template, face template, retina scan, home address, residential address, private address, street address, mailing address, home phone, private phone, personal phone, personal email, private email, home email, emergency contact, emergency contact name, emergency phone, next of kin, spouse, spouse name, dependent, immigration status, visa status, residency status, deceased, date of death, death date, home latitude, home longitude',
  },
  {
    class: 'personal',
    confidence: 'medium',
    of: 'age, race, sex, address, address line, address line 1, address line 2, street, street name, house number, postal code, postcode, post code, zip code, phone, phone number, mobile, mobile phone, mobile number, cell, cell phone, telephone, telephone number, landline, msisdn, email, mail address, email address, contact number, whatsapp, geolocation, geo location, gps, latitude, longitude, caste, family status, family member, partner name, child name, photo of id, signature image, photo url, profile photo',
  },
  {
    class: 'personal',
    confidence: 'low',
    of: 'photo, picture, avatar, zip, lat, lng, lon, ip address, fingerprint, children, child, emergency, partner, fax, skype, birth, home, personal, political, belief, hobby, signature',
  },
];

/**
 * Words after a term that show that the value is about the thing, not the thing itself:
 * `ssnVerified`, `passwordRules`. With a `nearly` word the value still tells something about a
 * person if the thing is their health or identity: `diagnosisDate`.
 */
export const about =
  'pal, count, required, enabled, allowed, supported, rule, policy, setting, config, configuration, option, length, size, format, pattern, regex, label, hint, placeholder, expiry, expire, expiration, expired, changed, updated, created, modified, issued, verified, verification, valid, validity, validation, uri, link, href, id, uuid, unit, visible, visibility, attempt, template, field, column, provider, version, flag, limit, strength, age, page, screen, app, icon, color, colour, index, issuer, scheme, service, manager, team, department, reader, factor, request, reset, prompt, button, error, message, point, platform, condition, friendly, check, ref, model, rating';
export const nearly =
  'type, kind, category, title, at, status, state, url, currency, frequency, period, mode, method, date, event, name, class, order, level, plan, cycle, schedule, group, file, folder, total';

/**
 * Words before a term that make the value a boolean about the thing, or something to do with it.
 */
export const flags =
  'has, is, are, was, require, requires, need, show, hide, can, may, allow, enable, disable, use, support, forgot, forget, include, exclude, should, must, send, with, without, missing, invalid, number, count';

/** By term: preceding words that give it another meaning. */
export const otherTrades: Readonly<Record<string, string>> = {
  token:
    'page, next, previous, prev, cursor, continuation, sync, max, total, prompt, completion, input, output, design, pagination, resume, skip, start, delta, change, used, csrf, xsrf, cancel, cancellation, idempotency',
  pin: 'map, location, gpio, board, chat',
  session: 'training, work, chat',
  address:
    'work, business, company, office, corporate, server, ip, mac, wallet, web, url, memory, base, contract, host, network, headquarter, branch, store, venue, site, warehouse, supplier, vendor, employer, organization, return, reply',
  email:
    'work, business, company, office, corporate, support, info, sender, reply, noreply, billing, system, team, department, notification, help',
  'email address':
    'work, business, company, office, corporate, support, sender, reply, team, system',
  phone:
    'work, business, company, office, corporate, support, hotline, switchboard, front, help, store',
  'phone number': 'work, business, company, office, corporate, support, store, help',
  telephone: 'work, business, company, office, corporate, support',
  street: 'work, business, company, office, sesame, wall',
  age: 'max, page, cache, message, min, account, ticket, median, average, queue, data, file, object, wine, content, job, process',
  race: 'car, horse, boat, data, relay, cycling, running',
  sex: 'unit',
  card: 'business, score, id, key, sim, trello, info, deck, playing, memory, report, graphic, video, network, action, title, reward, loyalty, time',
  bank: 'food, time, blood, memory, power, river, image, question, hour',
  net: 'dot, sub, ether, inter, neural, safety, social',
  pay: 'prepaid, can, apple, google, amazon, samsung, auto',
  secret: 'is, top, trade, open',
  cell: 'grid, table, battery, fuel, sheet, stem, solar, target, header, data',
  swift: 'taylor, language',
  mobile: 'is, responsive, auto',
  health:
    'system, service, node, cluster, server, api, app, db, queue, job, worker, store, project, pipeline, instance, check, upstream, cache, broker, shard, battery, disk',
  commission: 'european, royal, art, election',
  equity: 'brand, shareholder, pay, owner',
  income: 'operating, company, segment',
  balance: 'work, load, leave, vacation, pto, time, stock, colour, white, holiday',
  partner: 'business, channel, technology, integration, training',
  signature: 'code, request, method, file, message, webhook',
  child: 'node, tree',
  home: 'is, smart',
  credential: 'name, academic, professional',
  allergy: 'show',
  disease: 'plant, crop',
  deduction: 'tax rule',
  tin: 'can',
};
