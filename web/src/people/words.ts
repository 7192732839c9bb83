// The words of the pages about people: loaded with them, so that the first paint doesn't wait for them.
import { addWords } from "../shared/i18n/index.tsx"
import { enPeople } from "../shared/i18n/enPeople.ts"
import { ruPeople } from "../shared/i18n/ruPeople.ts"
import { uzPeople } from "../shared/i18n/uzPeople.ts"

addWords({ uz: uzPeople, ru: ruPeople, en: enPeople })
