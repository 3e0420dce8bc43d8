"""The sentence for every refusal code: what happened, what is safe, what to do next, in this order. Translated here."""

from typing import Any

from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import marked as N_

SENTENCES: dict[str, str] = {
    "internal": N_("Something went wrong on our side. Nothing of yours was lost. Try again in a moment."),
    "page.unknown": N_("There is no such page."),
    "method.refused": N_("This address does not take that kind of request."),
    "origin.refused": N_(
        "This request did not come from our own page, so nothing was done. Open the comments and try again."
    ),
    "body.too_large": N_("That is more than we can take at once. Shorten it and try again."),
    "body.unreadable": N_("We could not read what was sent. Nothing was done. Try again."),
    "input.not_utf8": N_("We could not read what was sent. Nothing was done. Try again."),
    "input.too_long": N_("“%(field)s” has %(length)s characters; %(limit)s is the most. Shorten it and try again."),
    "input.too_many": N_("That asks for more than %(limit)s things at once. Ask in several steps."),
    "input.missing": N_("“%(field)s” is missing."),
    "input.invalid": N_("“%(field)s” is not what we expected."),
    "input.not_base64": N_("We could not read what was sent. Nothing was done. Try again."),
    "session.missing": N_("You are signed out. Your text is kept. Sign in and try again."),
    "session.window_needed": N_("This is done in a window of its own. Open your account page."),
    "session.not_fresh": N_("For this we need your passkey again, used within the last %(minutes)s minutes."),
    "passkey.unknown": N_("We do not know this passkey. Use another one, or your printed code."),
    "passkey.known": N_("This passkey is on an account already. Use it to sign in."),
    "passkey.unreadable": N_("We could not read what the passkey answered. Nothing was done. Try again."),
    "passkey.not_accepted": N_("This passkey’s answer does not fit our question. Nothing was done. Try again."),
    "passkey.user_not_verified": N_("Your key did not ask for finger, face or PIN. Set one up on it, or use another."),
    "passkey.cross_origin": N_("Passkeys work in a window of our own. Open it from the comments and try again."),
    "passkey.copied": N_("This passkey seems to have been copied. Sign in another way and remove it on your page."),
    "passkey.replayed": N_("This passkey was used twice at the same moment. Try again."),
    "passkey.other_account": N_("This passkey belongs to another account. Use the one of this account."),
    "recovery.open": N_(
        "Somebody asks to recover this account. Until that is over no passkey, code, name or mail address can change."
    ),
    "recovery.none": N_("Nobody asks for this account any more. There is nothing to stop."),
    "recovery.too_soon": N_(
        "A request for this account was stopped lately. There can be another %(days)s days after it."
    ),
    "recovery.not_needed": N_(
        "This account has no badge. Your printed code signs you in, and you can add a passkey at once."
    ),
    "recovery.no_account": N_("There is no account of this name."),
    "recovery.not_matched": N_(
        "This account was not verified as this person, so nothing was begun. Check the name, or take the way you took then."
    ),
    "recovery.other_person": N_(
        "Somebody asks for this account. Until that is over only the person it was verified as can verify here."
    ),
    "recovery.unknown": N_("We do not know this code, or it was used before. Check each character."),
    "sso.refused": N_("What the paper’s log-in said could not be believed, so nobody was signed in. Try again."),
    "sso.off": N_("This paper has no log-in of its own here. Sign in another way."),
    "sso.keys_unreachable": N_(
        "The paper’s log-in cannot be checked just now. Nothing was done. Try again in a moment."
    ),
    "sso.connected": N_(
        "One of the two is connected with another one already. Sign in there and take that away first."
    ),
    "credential.unknown": N_("This way to sign in is not on your account any more. Reload your page to see which are."),
    "once.gone": N_("This took too long or was used before. Begin again."),
    "link.expired": N_("This link ran out. Ask for a new one."),
    "link.invalid": N_("This link is not complete. Copy all of it."),
    "handover.invalid": N_(
        "This window was not opened from the comments, so nobody was signed in. Close it and begin there again."
    ),
    "handover.wrong_characters": N_("These are not the characters on the paper's page. Look again."),
    "limit.reached": N_("That was a lot in a short time. Your text is kept. Try again in %(minutes)s minutes."),
    "live.full": N_("Too many live streams are open just now, so this page asks every few seconds instead."),
    "live.too_many": N_("Too many live streams are open just now, so this page asks every few seconds instead."),
    "ready.no_database": N_("The database does not answer. Whoever runs this server sees why with: commentbox doctor."),
    "ready.not_migrated": N_(
        "The database is of an older release. Whoever runs this server types: commentbox migrate."
    ),
    "site.unknown": N_("We do not know this site. Whoever runs this server can add it: commentbox site create."),
    "site.exists": N_("There is a site of this name already."),
    "site.slug_invalid": N_("A site's short name has small letters, digits and hyphens only, 40 at most."),
    "origin.invalid": N_("This is not an origin, as https://news.example is one."),
    "origin.unknown": N_("This origin is not one of the site's, so there is nothing to take away."),
    "article.missing": N_("The address does not say which article it is about."),
    "article.url_invalid": N_("The article's address is not one we can read."),
    "article.url_too_long": N_(
        "The article's address has more than %(limit)s characters, so nothing was opened for it."
    ),
    "article.id_too_long": N_("The article's id has more than %(limit)s characters, so nothing was opened for it."),
    "article.unknown": N_("Nobody can comment here yet: the paper has not told us that this article is its own."),
    "article.foreign": N_("This article is not on one of the paper's own addresses, so no comments open here."),
    "article.unreachable": N_("We could not look at the article just now. Your text is kept. Try again in a moment."),
    "cursor.invalid": N_("This link into the comments is not complete. Start from the top."),
    "choice.unknown": N_("There is no such choice."),
    "thread.unknown": N_("There are no comments here yet."),
    "thread.closed": N_("Comments on this article are closed. You can read and report."),
    "thread.verified_only": N_("In this thread only verified people may comment. Everyone may read and recommend."),
    "comment.unknown": N_("We cannot find this comment. It may have been taken back."),
    "comment.empty": N_("There is no text yet."),
    "comment.unreadable": N_(
        "There are characters in this text that we cannot read. Nothing was posted. Write it anew."
    ),
    "comment.too_long": N_(
        "That is %(length)s characters; %(limit)s is the most. Your text is kept: shorten it and post again."
    ),
    "comment.duplicate": N_("You have just posted the same words. They are there already."),
    "comment.words_refused": N_(
        "This paper does not publish “%(words)s”. Your text is kept: put it in other words and post again."
    ),
    "comment.nudge": N_(
        "“%(words)s” may land harder than you mean. You can change it, or post it as it is: that is up to you."
    ),
    "comment.nudge_tone": N_(
        "This may land harder than you mean. You can change it, or post it as it is: that is up to you."
    ),
    "screening.bounds": N_("“%(field)s” takes %(low)s to %(high)s. What you typed is kept."),
    "screening.entry_wide": N_("“%(entry)s” would catch almost everything: an entry with * or ? needs two letters."),
    "screening.entry_long": N_("“%(entry)s” is too long: an entry has 80 characters at most."),
    "screening.lists_many": N_("That is more than the lists hold: 20 lists, 5,000 entries, 1,000 with * or ?."),
    "screening.lists_twice": N_("Two lists have the same name. Give one of them another."),
    "screening.list_invalid": N_("A list needs a name of 40 characters at most. What you typed is kept."),
    "screening.no_draft": N_("There is no draft any more. Somebody switched it on or threw it away."),
    "screening.stale": N_("Somebody else changed the rules meanwhile. Look at what holds now, then decide again."),
    "screening.trying": N_("A dry run is under way. Wait for it, then ask again."),
    "screening.version_unknown": N_("There is no such version."),
    "comment.too_many": N_("You have posted a lot in the last hour. Your text is kept. Try again later."),
    "comment.too_many_here": N_(
        "You have said a lot in this thread in the last hour. Your text is kept. Try again in %(minutes)s minutes."
    ),
    "comment.too_soon": N_(
        "This thread has a pause between two comments of one person. Your text is kept. Try again in %(seconds)s seconds."
    ),
    "comment.too_young": N_(
        "New accounts wait a while here. Your text is kept. Yours may comment in %(minutes)s minutes."
    ),
    "limits.invalid": N_("A limit needs a reason and an end, at most 30 days away. Nothing was changed."),
    "comment.parent_gone": N_(
        "The comment you answered is no longer there. Your text is kept: post it as a comment of its own."
    ),
    "comment.window_closed": N_(
        "A comment can be edited for %(minutes)s minutes, and they are over. You can withdraw it."
    ),
    "comment.state": N_("This comment has changed meanwhile, so that cannot be done now. Reload to see how it stands."),
    "comment.changed": N_("This comment has changed meanwhile. Reload to see how it stands, then decide again."),
    "comment.not_published": N_("This comment is not shown any more, so it cannot be recommended."),
    "comment.posted_before": N_("This was posted already."),
    "comment.key_used": N_("Other words were posted with this key before. Your text is kept. Send it with a new key."),
    "reach.refused": N_("Only verified people may reply to this person. You can post a comment of your own."),
    "reach.muted": N_("This person takes no replies or recommendations from you. You can post a comment of your own."),
    "reach.you_muted": N_(
        "You muted this person, so neither of you answers the other. You can unmute them on your page."
    ),
    "mute.self": N_("This is you. There is nothing to mute."),
    "mute.too_many": N_("You mute %(limit)s people and threads already. Unmute some first, on your page."),
    "mute.unknown": N_("You do not mute this any more. Reload your page to see whom you do."),
    "mute.no_account": N_("This was written without an account, so there is nobody to mute."),
    "mute.no_such_name": N_("Nobody here has this name. Check how it is written."),
    "mention.refused": N_(
        "Only verified people may mention %(name)s. Your text is kept: take the @ away and post again."
    ),
    "mention.too_many": N_("A comment can mention %(limit)s people. Your text is kept: take some away and post again."),
    "vote.own": N_("Your own comment cannot be recommended by you."),
    "guest.refused": N_("This paper takes comments from people with an account. A pen name is enough for one."),
    "guest.code_unknown": N_("We do not know this code. Check each character."),
    "standing.warned": N_("A moderator warned you. Read the reasons on your account page and say so, then post again."),
    "standing.silenced": N_("You cannot comment for now. You can still read, recommend and report."),
    "standing.banned": N_("You cannot comment here. The reasons and the way to appeal are on your account page."),
    "report.reason_unknown": N_("Choose one of the reasons."),
    "report.too_long": N_("That is %(length)s characters; %(limit)s is the most. Shorten it and send again."),
    "legal_hold.kind_unknown": N_("A legal hold is on a comment or an account, by its id."),
    "legal_hold.reason_missing": N_("A legal hold needs a reason, of %(limit)s characters at most."),
    "legal_hold.until_invalid": N_("A legal hold ends on a day to come, within %(days)s days."),
    "legal_hold.unknown": N_("There is no such legal hold."),
    "related.unknown": N_(
        "Name related comments by their links, at most %(most)s, and of this paper only. Your text is kept."
    ),
    "notice.offence_unknown": N_("Choose what kind of offence it is. Your text is kept."),
    "notice.why_missing": N_("There is no text yet."),
    "notice.untrue_missing": N_("Say what in the comment is untrue. Your text is kept."),
    "notice.name_missing": N_(
        "A notice needs your name and e-mail, unless it is about the sexual abuse of a child. Your text is kept."
    ),
    "notice.faith_missing": N_("Tick the box at the end first: the law asks for it. Your text is kept."),
    "notice.suspended": N_(
        "Several of your notices were manifestly unfounded, so we take no more from you until %(until)s. You can still report."
    ),
    "notice.unknown": N_("There is no such notice for you."),
    "notice.code_unknown": N_(
        "We do not know this code. Check each character; what was answered is erased after six months."
    ),
    "notice.not_refused": N_("There is no refusal that you could object to."),
    "notice.complained": N_("You have objected already. The answer comes on this page."),
    "notice.answered": N_("This is answered already."),
    "notice.answer_missing": N_("Whoever sent the notice needs your reasons. Write them and decide again."),
    "flagger.unknown": N_("We know no trusted flagger by this code. Check each character, or leave it empty."),
    "role.unknown": N_("The account does not have this role, so there is nothing to take away."),
    "account.unknown": N_("There is no such account."),
    "email.invalid": N_("This does not look like a mail address."),
    "mail_link.off": N_("This paper does not sign people in by mail. Use a passkey or your printed code."),
    "name.taken": N_("Somebody here has this name, or one that looks the same. Choose another."),
    "name.reserved": N_("This name belongs to the paper. Choose another."),
    "name.empty": N_("A name is needed. A pen name is fine."),
    "name.too_short": N_("A name has at least two characters."),
    "name.too_long": N_("A name has at most 40 characters."),
    "name.characters": N_(
        "A name has letters, digits, spaces and - ' . _ only, so that nothing in it passes for a badge."
    ),
    "name.no_letter": N_("A name has at least one letter. Add one."),
    "name.punctuation": N_("Signs in a name stand inside or beside a word, one at a time: O'Brien, J.-P., anna_b."),
    "name.marks": N_("There are more marks on a letter of this name than any language has. Take some away."),
    "name.mixed_scripts": N_("A name keeps to one script, so that nobody can imitate another."),
    "provider.unreachable": N_("The verification service does not answer just now. Nothing was lost. Try again later."),
    "provider.declined": N_(
        "The verification service did not confirm. Your account is as it was, and you may try again."
    ),
    "provider.not_unique": N_(
        "This service cannot tell one person from another, so it earns no badge. Choose another way."
    ),
    "provider.level_too_low": N_("The service checked less than this badge needs. Choose its stronger way."),
    "provider.bad_answer": N_(
        "The verification service gave an answer that we cannot trust. Nothing was changed. Try again, or another way."
    ),
    "provider.unknown": N_("There is no such verification service here."),
    "provider.demo_off": N_("The demo provider is switched off on this server."),
    "provider.session_gone": N_("The verification service knows nothing of this any more. Begin again."),
    "in_person.unknown": N_(
        "We know no such code, or it ran out. Check each character, or have the person begin again."
    ),
    "in_person.incomplete": N_("A whole name, a date and a place are needed. What you wrote is kept."),
    "in_person.agree_needed": N_("Tick the box first. What you wrote is kept."),
    "in_person.own": N_("This is your own account, so others confirm it."),
    "in_person.differs": N_(
        "This is not what the other one wrote. Look again, each for yourself; whoever was first may correct theirs."
    ),
    "webhook.not_authentic": N_("This message is not signed by the service, so nothing was done."),
    "webhook.stale": N_("This message is not of this moment, so nothing was done. Look at the clocks of both servers."),
    "webhook.unreadable": N_("We could not read what was sent. Nothing was done. Try again."),
    "verification.passkey_needed": N_(
        "For verifying we need your passkey, used within the last 5 minutes. Use it, then go on."
    ),
    "verification.already_elsewhere": N_(
        "You have a verified account here already. Sign in there, recover it, or move its badge here. Nobody else is told."
    ),
    "verification.agree_needed": N_("Tick the box first: without your consent the service is not asked."),
    "verification.standing_open": N_(
        "An earlier account of yours is restricted here. Sign in there: its page has the reasons and the way to appeal."
    ),
    "badge.unreadable": N_("This is not a signed badge. Copy all of it, and nothing else."),
    "badge.forged": N_("The signature does not hold: this badge was not made here, or was changed."),
    "badge.expired": N_("This badge was genuine and is over: a signed badge holds for a day. Ask for a new one."),
    "badge.elsewhere": N_("This badge says that another server signed it. Only that one can check it: %(issuer)s."),
    "account.has_role": N_(
        "You have a role at the desk. Ask an admin to take it away first, then delete your account."
    ),
    "verification.barred": N_("A badge of this person was taken back for fraud, so there can be no new one."),
    "verification.other_person": N_(
        "This badge sleeps until the person it was made for verifies again, by the way they took then. To verify as somebody "
        "else, take it away first."
    ),
    "verification.banned": N_("You are banned here, so this account gets no badge. It can be used without one."),
    "verification.moved_lately": N_(
        "Your badge was moved within the last %(days)s days. It can move again after that."
    ),
    "verification.none": N_("There is no badge to take away."),
    "verification.attempt_gone": N_("This attempt took too long or was used before. Begin again."),
    "verification.other_browser": N_("This attempt was begun in another browser. Go on there, or begin again here."),
    "badge.gone": N_("Your badge was taken away meanwhile. Your text is kept: send it again to post as not verified."),
    "pick.not_published": N_("Only a comment that readers see can be an editor’s pick."),
    "pick.not_yours": N_("Your role does not name editor’s picks on this paper."),
    "announcement.invalid": N_(
        "An announcement has 3 to %(limit)s characters and an end within %(days)s days. Your words are kept."
    ),
    "thread.answers_only": N_(
        "In this thread the guests answer, so no reply was posted. Your text is kept: it can be a question of its own."
    ),
    "questions.no_such_name": N_("Nobody here is called %(name)s. Your words are kept."),
    "questions.number": N_("Name 1 to %(limit)s guests, one a line. Your words are kept."),
    "thread.heated": N_(
        "Moderators upheld reports in this conversation, so one waits longer in it. Your text is kept. Try again in "
        "%(seconds)s seconds."
    ),
    "thread.closed_by_age": N_(
        "Threads close here after %(days)s days, and this one has. Your text is kept; you can still read and recommend."
    ),
    "thread.merged": N_("This thread has just become part of another one. Your text is kept: send it once more."),
    "merge.itself": N_("This is the same thread."),
    "merge.elsewhere": N_("The two threads belong to different papers."),
    "merge.done": N_("One of the two became part of another thread already. Look again."),
    "merge.unsure": N_("Tick the box first: this cannot be taken back."),
    "profile.unknown": N_("There is no public profile here, or not any more."),
    "desk.no_role": N_("This account has no role at the desk."),
    "case.unknown": N_("There is no such case for you. It may belong to another site, or be gone."),
    "case.stale": N_(
        "This case changed since you opened it, so nothing was decided. Your words are kept. Look at it as it is now."
    ),
    "case.taken": N_("%(by)s has this case, so nothing was decided. Your words are kept. Take the next one."),
    "case.closed": N_("There is nothing to decide here any more. Your words are kept."),
    "case.own": N_("This is your own comment, so nothing was decided. Somebody else decides about it."),
    "case.no_action": N_("No decision is chosen yet. Your words are kept: choose one and decide again."),
    "case.action_unknown": N_("There is no such decision."),
    "case.has_appeal": N_("An appeal waits against this decision. Answer the appeal instead."),
    "measure.unknown": N_("There is no such measure."),
    "measure.days": N_("For how many days? A number from 1 to %(limit)s. Your words are kept."),
    "measure.everywhere": N_("Measures for every paper are for staff of the whole server. Your words are kept."),
    "measure.exists": N_("This person is under such a measure already. Lift it first to set another end."),
    "measure.guest": N_("A guest has no account that could be warned or banned. Your words are kept."),
    "measure.alone": N_("A measure needs a removal, or the page of the person. Your words are kept."),
    "desk.admin_needed": N_("This is for admins of the whole server. Nothing was done."),
    "desk.read_only": N_("You only look on here, so nothing was decided."),
    "desk.trainee": N_("This needs somebody who decides without confirmation. Nothing was done."),
    "proposal.exists": N_("Something is proposed here already. Somebody else confirms or declines it first."),
    "proposal.closed": N_("This proposal was answered meanwhile."),
    "proposal.own": N_("You proposed this, so somebody else confirms it."),
    "reasons.ground_missing": N_("Which house rule or law? Your words are kept: choose one and decide again."),
    "reasons.facts_missing": N_("The author needs the facts in your words. Write them and decide again."),
    "reasons.law_missing": N_("Say which law it is and why. Your words are kept."),
    "reasons.too_long": N_(
        "Facts and grounds have at most %(limit)s characters each. Your words are kept: shorten them."
    ),
    "rule.unknown": N_("The site has no such house rule any more. Your words are kept: choose another."),
    "reason.too_long": N_("A reason has at most %(limit)s characters. Nothing was changed."),
    "setting.unknown": N_("There is no such setting here."),
    "setting.invalid": N_("This value is not within the bounds. Nothing was changed."),
    "setting.changed": N_("This was changed again since, so nothing was done. Look at it as it is now."),
    "change.unknown": N_("There is no such change of this site."),
    "change.for_good": N_("This cannot be set back: a key that was revoked stays so, and what is counted goes on."),
    "key.label": N_("Say in a few words what the key is for, %(limit)s characters at most."),
    "key.too_many": N_("This site has %(limit)s keys already. Revoke one first."),
    "key.unknown": N_("There is no such key any more."),
    "key.refused": N_("This key opens nothing here. It may have been revoked."),
    "sections.unknown": N_("Name sections that the paper has, one a line, for somebody who moderates it."),
    "desk.section_only": N_(
        "You moderate some sections only. What holds for people is decided by those who moderate the whole paper."
    ),
    "webhook.address": N_("A webhook goes to an https address in the open internet, without a # in it."),
    "webhook.kinds": N_("Choose at least one thing the webhook is told."),
    "webhook.too_many": N_("This site has %(limit)s webhooks already. Remove one first."),
    "webhook.unknown": N_("There is no such webhook any more."),
    "webhook.is_off": N_("This webhook is switched off. Switch it on first."),
    "order.incomplete": N_(
        "An order names its authority, reference, legal ground and what it orders. Your words are kept."
    ),
    "order.exists": N_("This order about this comment is entered already."),
    "role.own": N_("Nobody takes a role from themselves. Another admin does."),
    "note.empty": N_("There is no text yet."),
    "note.to": N_("Choose somebody who decides on this paper."),
    "look.token": N_("A look has no “%(token)s”. docs/embedding.md lists what it may have."),
    "look.contrast": N_("%(pair)s: the contrast is %(ratio)s to 1. Words need at least %(needed)s to 1 to be read."),
    "look.unknown": N_("There is no such version of the look."),
    "look.stale": N_("Somebody changed the look since you opened it. Your choices are kept. Look at both."),
    "rules.number": N_("There are 1 to %(limit)s house rules, one a line. Your words are kept."),
    "rules.twice": N_("Two rules have the same code. Your words are kept: give one of them another."),
    "rules.length": N_("Rule %(number)s has fewer than 3 or more than %(limit)s characters. Your words are kept."),
    "rules.stale": N_("Somebody changed the house rules since you opened them. Your words are kept. Look at both."),
    "view.too_many": N_("You keep %(limit)s views already. Forget one first."),
    "bulk.none": N_("Select at least one case first."),
    "note.too_long": N_("A note has at most %(limit)s characters. Your words are kept: shorten it."),
    "queue.unknown": N_("There is no such queue."),
    "undo.not_yours": N_("Only whoever made a decision can undo it."),
    "undo.overtaken": N_("Something else was decided since, so this cannot be undone. Open the case as it is now."),
    "undo.too_late": N_(
        "A decision can be undone for %(seconds)s seconds, and they are over. Open the case to decide anew."
    ),
    "appeal.same_person": N_("You made this decision, so somebody else hears the appeal."),
    "appeal.text_missing": N_("There is no text yet."),
    "appeal.too_long": N_("At most %(limit)s characters. Your text is kept: shorten it and send again."),
    "appeal.too_late": N_("The time to appeal here is over. Courts and certified dispute bodies stay open to you."),
    "appeal.exists": N_("You have appealed already. The answer comes on this page."),
    "appeal.nothing_to_appeal": N_("This decision was taken back meanwhile. There is nothing to appeal against."),
    "statement.unknown": N_("There is no such decision about a comment of yours."),
    "guest.no_decision": N_("We know no decision for this code. Check each character; perhaps nothing was decided."),
    "journal.no_anchor": N_("No anchor is that old, so nothing was cut. Write one now: commentbox journal anchor."),
    "journal.broken": N_("The journal does not fit together. Tell whoever runs this server."),
}

FALLBACK = {
    401: N_("You are signed out. Sign in and try again."),
    403: N_("That is not allowed here."),
    404: N_("There is no such thing, or not any more."),
    409: N_("This has changed meanwhile. Reload and look again."),
    410: N_("This took too long or was used before. Begin again."),
    413: N_("That is more than we can take at once."),
    422: N_("We could not use what was sent. Check it and try again."),
    429: N_("That was a lot in a short time. Try again in a little while."),
    503: N_("A part of this server does not answer just now. Try again in a moment."),
}


def sentence(code: str, *, status: int, data: dict[str, Any]) -> str:
    """Say a refusal in the language of the moment; an unknown code gets the sentence of its status."""
    template = SENTENCES.get(code) or FALLBACK.get(status) or SENTENCES["internal"]
    values = {name: ", ".join(map(str, each)) if isinstance(each, list) else each for name, each in data.items()}
    if "seconds" in values:
        values.setdefault("minutes", max(1, -(-int(values["seconds"]) // 60)))
    try:
        return _(template, **values) if values else _(template)
    except (KeyError, TypeError, ValueError):
        return _(FALLBACK.get(status, SENTENCES["internal"]))
