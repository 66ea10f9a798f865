//! Words of a question that say nothing about what is asked: courtesies, helpers, question words. The index's own lists of stop
//! words are made for documents, and nobody greets in a document. Written without accents, since people type them so.

use crate::tongue::Tongue;

/// The filler of a language; whoever has none is asked as they are.
pub(crate) fn of(tongue: Tongue) -> &'static str {
    match tongue.code() {
        "en" => EN,
        "pt" => PT,
        "es" => ES,
        "fr" => FR,
        "de" => DE,
        "it" => IT,
        _ => "",
    }
}

const EN: &str = "a about actually all already also am an any anybody anyone anything are as at be been being but by can cannot could \
    couldn dear did didn do does doesn doing don done for from get give go going good got guys had has hasn have haven having he hello \
    help her here hey hi him his how i if in info information into is isn it its just kind kindly know let like ll ma'am make many may me \
    might mine most much must my need no not now of off ok okay on one or our ours out please possible question re really regarding right \
    same see shall she should sir so some somebody something sorry still such sure tell than thank thanks that the their them then there \
    these they thing think this those to today too up us ve very wanna want wanted was wasn we well were weren what when where which \
    while who whom whose why will wish with without won wonder wondering would wouldn yeah yes yet you your yours morning afternoon \
    evening";

const PT: &str = "a acho agora ai ainda algo alguem algum alguma alguns algumas alo ao aos aquela aquele aqui as ate bem boa boas bom \
    cade certo coisa com como conseguir consigo da dao das de deixa dela dele depois desculpa desculpe dessa desse desta deste deve devo \
    diga dizer do dos dou duvida e ela elas ele eles em entao era essa esse esta estao estar estava estes estou eu existe falar faz fazem \
    fazer faco favor fica ficam foi fosse gente gostaria ha hoje ir isso isto ja la lhe mais mas me mesmo meu meus mim minha minhas moca \
    moco muito muita na nao nas nem nessa nesse nesta neste no nos nossa nosso num numa o obrigada obrigado oi ola onde os ou para pela \
    pelo pergunta pergunto perguntar pode podem podemos poder poderia poderiam por porque posso pra precisa preciso precisava pro qual \
    quais quando quanto quanta que quem quer queria quero saber sabe se seja sem senhor senhora ser sera seu seus sim sao so sobre sou \
    sua suas tal tambem tarde te tem temos tenho ter teria tive tinha toda todo todos tudo um uma uns vai vao vcs vc vez vim voce voces \
    vou noite tudo";

const ES: &str = "a acerca ahi ahora al algo alguien algun alguna alguno aqui asi aun bien buen buena buenas bueno buenos como con cosa \
    creo cual cuales cuando cuanta cuanto de debe debo decir decirme deja del desde dice digame dime disculpa disculpe donde duda e el ella \
    ellas ellos en entonces era eres es esa ese eso esta estaba estan estar estas este esto estoy favor fue gracias gustaria ha haber hace \
    hacen hacer hago han hasta hay haz hola hoy informacion ir la las le les lo los mas me mi mis mismo mucha mucho muy nada necesita \
    necesito ni no nos nosotros nuestra nuestro o os para pero poder podria podrian porque por pregunta preguntar pueda puede pueden \
    puedes puedo pues que queria quien quiere quiero quisiera saber sabe se sea senor senora ser si sin sobre solo son soy su sus tal \
    tambien tardes te teneis tener tengo ti tiene tienen tienes tu tus un una unas uno unos usted ustedes va vais van voy y ya yo noches \
    dias";

const FR: &str = "a ai ainsi alors as au aucun aussi aux avec avez avoir avons besoin bien bonjour bonsoir bonne ca ce cela ces cet cette \
    chez comment d dans de depuis des dire dois doit donc du elle elles en encore est et etait ete etes etre eu faire fait faites faut ici \
    il ils j jamais je l la le les leur lui m ma mais me merci mes moi mon monsieur madame n ne non nos notre nous on ont ou oui par pas \
    peu peut peuvent peux plait plus pour pourquoi pouvez pourrais pourriez qu quand que quel quelle quelles quels question qui quoi sa \
    sais salut sans savoir se serait ses si s sont sous suis sur svp t ta te tes toi ton tous tout toute tu un une veux voudrais vais vos \
    votre vous y aujourd hui maintenant possible";

const DE: &str = "ab aber alle also am an auch auf aus bei bin bis bitte brauche da danke darf das dass dein dem den denn der des dich die \
    dies diese diesen dieser dieses dir doch du durch ein eine einem einen einer eines er es etwas euch euer eure frage fragen fur gern \
    gerne gibt guten gute habe haben hallo hat hatte hatten heute hi hier ich ihm ihn ihnen ihr ihre im in ist ja jetzt kann kannst kein \
    keine konnen konnt konnte konnten mal man mein meine mich mir mit mochte morgen muss mussen nach nicht noch nun nur ob oder sagen \
    sehr sein seine sich sie sind so soll tag uber um und uns unser unsere vom von vor wann war waren warum was weil welche welcher \
    welches wem wen wenn wer werde werden wie wieso will wir wird wissen wo wollen wollte wurde wurden zu zum zur abend moglich";

const IT: &str = "a ad adesso ai al alla alle allo anche ancora avere avete avrei bisogno buona buonasera buongiorno c che chi ci ciao come \
    con cosa cui da dal dalla dei del della delle devo di dire domanda dove e ed era essere faccio fare favore gli grazie ha hai hanno ho \
    i il in io l la le lei li lo loro ma me mi mia mie miei mio molto ne nei nel nella no noi non nostro o oggi ora per perche piu po \
    posso potete potrei puo qual quale quali quando quanta quanto quei quella quelle quello questa queste questi questo salve sapere se \
    sei senza si sia siete signora signore sono sta sua sul sulla suo ti tra tu tua tuo tutti tutto un una uno vi voglio voi vorrei vostro \
    possibile";
