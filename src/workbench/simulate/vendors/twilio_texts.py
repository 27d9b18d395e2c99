"""The texts that the simulated provider sends, as its patients read them.

Each is as long as its template says, where the placeholders are filled in as in `AS_DESIGNED`.
"""

AS_DESIGNED = {"first_name": "Yelmara", "day": "Wed 11/18", "time": "10:30 AM"}

TEXTS = {
    "prompt-v1": (
        "Northside Counseling: May we text you about your care? Message and data rates may apply. Reply YES"
        " to agree, or STOP to decline at any time. Call us for help."
    ),
    "prompt-v2": (
        "Northside Counseling: We are glad you are here. May we text you now and then about your care? "
        "Reply YES if you like. STOP will end it at any time, too."
    ),
    "refill-1": (
        "Hi {first_name}, your medication may be running low. Reply REFILL or call Northside Counseling to "
        "order your next pack now."
    ),
    "skills-1": (
        "Northside Counseling: Hard days come to all of us. Try this for a minute: breathe in for four "
        "counts, hold for four, breathe out for six. Notice five things around you. More little exercises "
        "like it: northside.example/skills"
    ),
    "come-back-1": (
        "Northside Counseling: Our records show no upcoming appointment for you. Please call us or book "
        "online at northside.example/return to schedule."
    ),
    "well-being-1": (
        "Hi {first_name}, how have you been these two weeks? Northside Counseling asks for two minutes of "
        "your time: northside.example/well-being"
    ),
    "satisfaction-1": (
        "Northside Counseling: Please rate your most recent visits from 1 to 10 at northside.example/visit."
        " Thank you."
    ),
    "motivational-wording-generic": (
        "Northside Counseling: Your last visit was quite a while ago. You can book your next appointment "
        "with us online today: northside.example/wg"
    ),
    "motivational-wording-motivational": (
        "Northside Counseling: You have come a long way, and the next step is yours. Keep going: you can "
        "pick the time that fits you best at northside.example/wm"
    ),
    "motivational-wording-short": "Northside Counseling: Book your next visit: northside.example/ws",
    "evening-send-morning": (
        "Northside Counseling: It has been a long time since your last visit. You can book your next one "
        "online when it suits: northside.example/em"
    ),
    "evening-send-evening": (
        "Northside Counseling: It has been a long time since your last visit. You can book your next one "
        "online when it suits: northside.example/ee"
    ),
    "personal-greeting-generic": (
        "Northside Counseling: We have not seen you for a while. Whenever it suits you, you can book your "
        "next visit online at northside.example/pg"
    ),
    "personal-greeting-personalized": (
        "Hi {first_name}, this is Northside Counseling. We have not seen you in a while. Whenever it suits "
        "you, book your next visit online at northside.example/pp"
    ),
    "reminder-1": (
        "Hi {first_name}, you have an appointment at Northside Counseling on {day} at {time}. Reply C to "
        "confirm, or call to change it."
    ),
}

# By intent, what people write. A word such as "yes" or "cancel" alone would change consent as well, and stands nowhere.
REPLIES = {
    "confirm": (
        "C",
        "c",
        "Confirm",
        "ok",
        "Ok, see you then",
        "Yes, I'll be there",
        "yes i will be there 👍",
        "👍",
        'Got the text that says "reply C", so: C, confirmed!',
        "Sí, ahí estaré",
    ),
    "reschedule": (
        "Can I reschedule?",
        "I need to reschedule, sorry",
        "Could we do a different day?",
        "Something came up.\nAnother time please",
        "¿Puedo cambiar la cita?",
    ),
    "cancel": (
        "I have to cancel my appointment",
        "Please cancel my appointment, thanks",
        "Sorry, I can't make it",
        "cant come that day",
        "No puedo ir, gracias",
    ),
    "question": (
        "Where do I park?",
        "What time does the office open?",
        "Is this still with the same doctor, or\nsomebody new?",
        "do i need to bring anything?",
        "¿A qué hora abren?",
    ),
    "stop": (
        "STOP",
        "Stop",
        "stop.",
        "STOP 🛑",
        "Unsubscribe",
        "QUIT",
        "opt out",
        "Please stop texting me",
        "No más mensajes por favor",
    ),
    "distress": (
        "I can't go on like this",
        "honestly i don't want to be here anymore",
        "I feel like everyone is better off without me",
        "No puedo más",
    ),
    "other": (
        "Thank you",
        "thanks!",
        "New phone, still me",
        "Happy holidays to all of you",
        "Gracias",
    ),
}
